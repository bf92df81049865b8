// System calls under names that do not hide behind methods of the same name.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// System calls as this module needs them.
enum SystemCall {
  /// Calls until the call is not interrupted by a signal; the result is that of the call.
  static func retrying(_ call: () -> Int) -> Int {
    while true {
      let result = call()
      if result != -1 || errno != EINTR { return result }
    }
  }

  /// `read(2)`
  static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.read(descriptor, buffer, count)
    #elseif canImport(Musl)
      Musl.read(descriptor, buffer, count)
    #else
      Darwin.read(descriptor, buffer, count)
    #endif
  }

  /// Writes all bytes. Returns 0, or the number of the error.
  static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var start = 0
    while start < bytes.count {
      let written = retrying { write(descriptor, bytes.baseAddress! + start, bytes.count - start) }
      guard written > 0 else { return written < 0 ? errno : EIO }
      start += written
    }
    return 0
  }
}
