// TFRecord
