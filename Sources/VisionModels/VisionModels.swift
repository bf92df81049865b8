// VisionModels
