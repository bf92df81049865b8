// Vitrail
