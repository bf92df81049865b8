import Foundation
import Synchronization
import SystemPackage

/// The last lines that a rank wrote to standard error.
final class LastLines: Sendable {
  static let count = 10
  static let length = 200
  private let lines = Mutex<[String]>([])

  func add(_ line: String) {
    lines.withLock { lines in
      lines.append(Self.cut(line))
      if lines.count > Self.count { lines.removeFirst() }
    }
  }

  var all: [String] { lines.withLock { $0 } }

  /// Characters have no length that is bounded; scalars have.
  static func cut(_ line: String) -> String { String(String.UnicodeScalarView(line.unicodeScalars.prefix(length))) }
}

/// One stream of a rank. Only the pump's thread touches the splitter.
final class RankSink: StreamSink, @unchecked Sendable {
  enum Place {
    /// Lines with a prefix, on the stream of the same kind.
    case console(LaunchConsole, rank: Int, prefix: String, showsProgress: Bool)
    /// Bytes as they are.
    case file(LogFile)
  }

  private var splitter = LineSplitter()
  private let place: Place
  private let isError: Bool
  private let last: LastLines?

  init(_ place: Place, isError: Bool, last: LastLines?) {
    self.place = place
    self.isError = isError
    self.last = last
  }

  func take(_ bytes: UnsafeRawBufferPointer) {
    if case .file(let file) = place { file.append(bytes) }
    splitter.feed(bytes) { handle($0) }
  }

  func finish() { splitter.finish { handle($0) } }

  private func handle(_ piece: LineSplitter.Piece) {
    switch piece {
    case .line(let bytes):
      let text = String(decoding: bytes, as: UTF8.self)
      if isError { last?.add(text) }
      guard case .console(let console, let rank, let prefix, _) = place else { return }
      if isError { console.error(prefix + text, of: rank) } else { console.output(prefix + text) }
    case .progress(let bytes):
      guard case .console(let console, _, _, let showsProgress) = place, showsProgress else { return }
      console.progress(String(decoding: bytes, as: UTF8.self))
    }
  }
}

/// A rank's file, which both of its streams are appended to.
final class LogFile: Sendable {
  let path: String
  private let file: FileDescriptor
  private let console: LaunchConsole
  private let isBroken = Mutex(false)

  init(_ path: String, console: LaunchConsole) throws(LaunchError) {
    self.path = path
    self.console = console
    do {
      file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.append, .create, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
    } catch {
      throw .failed("cannot write '\(path)': \(error)")
    }
  }

  deinit { try? file.close() }

  func append(_ bytes: UnsafeRawBufferPointer) {
    isBroken.withLock { isBroken in
      guard !isBroken else { return }
      do { try file.writeAll(bytes) } catch {
        isBroken = true
        console.note("cannot write '\(path)': \(error); what the rank says from here on is lost")
      }
    }
  }
}
