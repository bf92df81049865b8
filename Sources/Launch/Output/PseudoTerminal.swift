import Foundation

/// A terminal whose screen is this process. What is behind it draws progress as if it were the user's own.
struct PseudoTerminal {
  /// What the program behind it writes can be read here.
  let reading: Int32
  /// The program's end.
  let writing: Int32

  /// A terminal of so many columns; nil where the system has none to give.
  init?(width: Int) {
    // The kernel's requests to unlock a terminal and to tell its number; the C macros for them are not imported.
    let (unlock, number): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
    var (isLocked, index): (Int32, Int32) = (0, -1)
    let outer = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard outer >= 0 else { return nil }
    guard ioctl(outer, unlock, &isLocked) == 0, ioctl(outer, number, &index) == 0,
      case let inner = open("/dev/pts/\(index)", O_RDWR | O_NOCTTY | O_CLOEXEC), inner >= 0
    else {
      close(outer)
      return nil
    }
    var size = winsize(ws_row: 24, ws_col: UInt16(clamping: width), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(inner, UInt(TIOCSWINSZ), &size)
    (reading, writing) = (outer, inner)
  }
}
