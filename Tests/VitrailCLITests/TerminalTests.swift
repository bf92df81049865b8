#if canImport(Glibc)
  import Foundation
  import Testing

  /// Colours and progress bars are for terminals.
  struct TerminalTests {
    /// A terminal without a screen: what is written to `inner` can be read from the other side.
    private struct Terminal {
      let outer: FileHandle
      let inner: FileHandle

      init() throws {
        // The kernel's requests to unlock a terminal and to tell its number; the C macros for them are not imported.
        let (unlock, number): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        var (isLocked, index): (Int32, Int32) = (0, -1)
        let descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        guard descriptor >= 0, ioctl(descriptor, unlock, &isLocked) == 0, ioctl(descriptor, number, &index) == 0,
          case let inner = open("/dev/pts/\(index)", O_RDWR | O_NOCTTY), inner >= 0
        else { throw CocoaError(.fileReadUnknown) }
        outer = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        self.inner = FileHandle(fileDescriptor: inner, closeOnDealloc: true)
      }

      /// What was written so far.
      func text() -> String {
        _ = fcntl(outer.fileDescriptor, F_SETFL, O_NONBLOCK)
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(outer.fileDescriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
      }
    }

    private func warning(_ environment: [String: String]) throws -> String {
      let trained = try TrainedRun.shared()
      let scratch = try Scratch()
      try scratch.write(Array("no image".utf8), "broken.jpg")
      let terminal = try Terminal()
      let outcome = try Tool.Started(
        ["predict", "--checkpoint", trained.run, "\(scratch.path)/broken.jpg"], environment: environment,
        errors: terminal.inner
      ).wait()
      #expect(outcome.code == 1)
      return terminal.text()
    }

    @Test func colourIsForTerminalsThatWantIt() throws {
      #expect(try warning(["TERM": "xterm"]).contains("\u{1B}[33mwarning:"))
      for environment in [["TERM": "xterm", "NO_COLOR": "1"], ["TERM": "dumb"]] {
        let text = try warning(environment)
        #expect(text.contains("warning: "))
        #expect(!text.contains("\u{1B}[33m"))
      }
    }

    @Test func theDoctorKeepsToIt() throws {
      for (environment, isColoured) in [(["TERM": "xterm"], true), (["TERM": "xterm", "NO_COLOR": "1"], false)] {
        let terminal = try Terminal()
        let outcome = try Tool.Started(["doctor"], environment: environment, output: terminal.inner).wait()
        #expect(outcome.code == 0)
        #expect(terminal.text().contains("\u{1B}[32m") == isColoured)
      }
    }
  }
#endif
