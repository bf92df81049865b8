import CResample

/// The inner loops of a resize over a table's weights.
enum ResampleKernels {
  /// Rows of RGB pixels, the first pixel of which has the index `table.source.lowerBound`, to rows of outputs without
  /// padding. Nothing is read from `end` on.
  static func horizontal(
    _ rows: UnsafePointer<UInt8>, stride: Int, count: Int, end: UnsafePointer<UInt8>, _ table: ResampleTable,
    into out: UnsafeMutablePointer<UInt8>
  ) {
    table.starts.withUnsafeBufferPointer { starts in
      table.counts.withUnsafeBufferPointer { counts in
        table.weights.withUnsafeBufferPointer { weights in
          var columns = cresample_columns()
          columns.starts = starts.baseAddress
          columns.counts = counts.baseAddress
          columns.weights = weights.baseAddress
          columns.stride = table.stride
          columns.num_outputs = starts.count
          // The kernel counts pixels from the image's first column, which may lie before the memory at hand.
          columns.origin = Int32(table.source.lowerBound)
          cresample_horizontal(&columns, rows, stride, count, end, out)
        }
      }
    }
  }

  /// The rows under the taps of an output row to that row of `numBytes` samples. `rows` is the row with the index
  /// `table.source.lowerBound`.
  static func vertical(
    _ rows: UnsafePointer<UInt8>, stride: Int, numBytes: Int, _ table: ResampleTable, row: Int,
    into out: UnsafeMutablePointer<UInt8>
  ) {
    table.weights.withUnsafeBufferPointer { weights in
      cresample_vertical(
        weights.baseAddress! + row * table.stride, Int(table.counts[row]),
        rows + (Int(table.starts[row]) - table.source.lowerBound) * stride, stride, numBytes, out)
    }
  }
}
