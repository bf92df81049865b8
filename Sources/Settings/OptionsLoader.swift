// The way in: YAML text or a file, `--set` flags, and defaults become a checked value, or every fault there is.

import Foundation

/// Loads settings from YAML and `--set` flags.
///
/// All issues of the file and of the flags are collected and thrown together. See `Validatable` for how settings are
/// declared.
public enum OptionsLoader {
  /// The largest settings file, in bytes.
  public static let maximumBytes = YAMLReader.maximumBytes

  /// Loads settings from YAML text.
  ///
  /// - Parameters:
  ///   - type: The type of the settings.
  ///   - yaml: The text; keys that it leaves out keep their defaults. An empty text is allowed.
  ///   - source: What messages call the text: the file's name.
  ///   - overrides: `--set` flags, each `path=value` with a dotted path and a value in YAML; later ones win.
  ///   - defaults: What holds where nothing was written.
  /// - Throws: `OptionsError` with every issue found.
  public static func load<T: Validatable>(
    _ type: T.Type, yaml: String, source: String = "settings", overrides: [String] = [], defaults: T = T()
  ) throws(OptionsError) -> T {
    var issues: [OptionsIssue] = []
    var root: OptionsNode?
    do {
      root = try YAMLReader.parse(yaml, issues: &issues) { .line($0) }
    } catch {
      issues.append(error)
    }
    if root?.isNull == true { root = nil }
    for flag in overrides {
      do {
        root = try OptionsOverride(flag, issues: &issues).applied(to: root)
      } catch {
        issues.append(error)
      }
    }
    let values = OptionsEncoder.encode(defaults)
    let reader = OptionsReader(rootDefaults: values, synonyms: T.synonyms)
    let options = try? reader.section(type, at: OptionsPosition(path: "", node: root, defaults: values))
    issues += reader.issues
    guard issues.isEmpty, let options else { throw OptionsError(source: source, issues: inOrder(issues)) }
    return options
  }

  /// Loads settings from a YAML file.
  ///
  /// - Throws: `OptionsError` with every issue found, or with the one reason why the file cannot be read.
  public static func load<T: Validatable>(
    _ type: T.Type, path: String, overrides: [String] = [], defaults: T = T()
  ) throws(OptionsError) -> T {
    try load(type, yaml: readText(path), source: path, overrides: overrides, defaults: defaults)
  }

  /// The dotted path of a setting of a type by its last name, or by a synonym of the type; nil for an unknown name.
  ///
  /// - Parameter name: The name in snake case.
  public static func path<T: Validatable>(of name: String, in type: T.Type) -> String? {
    T.synonyms[name] ?? OptionsEncoder.encode(T()).paths(endingIn: name).first
  }

  private static func readText(_ path: String) throws(OptionsError) -> String {
    func failure(_ message: String) -> OptionsError {
      OptionsError(source: path, issues: [OptionsIssue(path: "", origin: .defaults, kind: .syntax, message: message)])
    }
    let data: Data
    do {
      var information = stat()
      guard stat(path, &information) == 0 else { throw failure("cannot be read: \(String(cString: strerror(errno)))") }
      guard information.st_mode & S_IFMT != S_IFDIR else { throw failure("is a folder, expected a YAML file") }
      guard let handle = FileHandle(forReadingAtPath: path) else {
        throw failure("cannot be read: \(String(cString: strerror(errno)))")
      }
      defer { try? handle.close() }
      data = try handle.read(upToCount: maximumBytes + 1) ?? Data()
    } catch let error as OptionsError {
      throw error
    } catch {
      throw failure("cannot be read: \(plainReason(of: error))")
    }
    guard data.count <= maximumBytes else {
      throw failure("is larger than \(maximumBytes / 1024) KiB, the most that settings may take")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      let isUTF16 = data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF])
      throw failure(isUTF16 ? "is UTF-16 text: save it as UTF-8" : "is not UTF-8 text, expected a YAML file")
    }
    return text
  }

  /// The issues of the file by line, then the others.
  private static func inOrder(_ issues: [OptionsIssue]) -> [OptionsIssue] {
    func line(_ issue: OptionsIssue) -> Int {
      if case .line(let line) = issue.origin { line } else { .max }
    }
    return issues.enumerated().sorted { (line($0.element), $0.offset) < (line($1.element), $1.offset) }.map(\.element)
  }
}

extension Validatable {
  /// Runs the checks of this value and of all sections inside it, for options that were built in code.
  ///
  /// - Parameter source: What the message calls these options.
  /// - Throws: `OptionsError` with every issue found.
  /// - Returns: The value itself.
  @discardableResult
  public func validated(as source: String = "options") throws(OptionsError) -> Self {
    try OptionsLoader.load(Self.self, yaml: "", source: source, defaults: self)
  }
}
