import Foundation

/// Tests run side by side, and the default generator is one for the whole process: whoever depends on its state takes
/// turns.
public enum DefaultGeneratorLock {
  private static let lock = NSRecursiveLock()

  /// Runs `body` alone among those that ask.
  public static func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    try lock.withLock(body)
  }
}
