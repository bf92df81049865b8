// What Foundation's errors say, in words for the user: no type names, no error domains, no numbers.

import Foundation

/// The reason of an error in one plain line.
///
/// Errors of Foundation are put into words: a `DecodingError` as the key at fault, an error of the file system as the
/// system's own text ("No space left on device"). Every other error says what it says itself.
public func plainReason(of error: any Error) -> String {
  if let error = error as? DecodingError { return reason(of: error) }
  if let code = systemCode(of: error) { return String(cString: strerror(code)) }
  guard error is CocoaError || error is POSIXError || type(of: error) == NSError.self else { return "\(error)" }
  return "the system gives no reason"
}

private func reason(of error: DecodingError) -> String {
  func path(_ keys: [any CodingKey]) -> String {
    let names = keys.map { $0.intValue.map(String.init) ?? snakeCase($0.stringValue) }
    return names.isEmpty ? "the file" : "'\(OptionsNode.abbreviated(names.joined(separator: ".")))'"
  }
  switch error {
  case .keyNotFound(let key, let context): return "\(path(context.codingPath + [key])) is missing"
  case .valueNotFound(_, let context): return "\(path(context.codingPath)) has no value"
  case .typeMismatch(let type, let context): return "\(path(context.codingPath)) is not \(noun(of: type))"
  case .dataCorrupted(let context):
    return context.codingPath.isEmpty
      ? "it is not valid JSON" : "\(path(context.codingPath)) has a value that is not allowed there"
  @unknown default: return "it cannot be read"
  }
}

private func noun(of type: Any.Type) -> String {
  switch type {
  case is any BinaryInteger.Type, is any BinaryFloatingPoint.Type: "a number"
  case is String.Type: "a text"
  case is Bool.Type: "true or false"
  case is [Any].Type: "a list"
  default: "of the expected type"
  }
}

/// The number that the system gave, of the error itself, of those behind it, or as Foundation's code has it.
private func systemCode(of error: any Error) -> Int32? {
  if let error = error as? POSIXError { return error.code.rawValue }
  if let error = error as? CocoaError {
    if let underlying = error.underlying, let code = systemCode(of: underlying) { return code }
    switch error.code {
    case .fileNoSuchFile, .fileReadNoSuchFile: return ENOENT
    case .fileReadNoPermission, .fileWriteNoPermission: return EACCES
    case .fileWriteOutOfSpace: return ENOSPC
    case .fileWriteFileExists: return EEXIST
    case .fileWriteVolumeReadOnly: return EROFS
    default: return nil
    }
  }
  guard type(of: error) == NSError.self, case let error = error as NSError else { return nil }
  if error.domain == NSPOSIXErrorDomain { return Int32(clamping: error.code) }
  return (error.userInfo[NSUnderlyingErrorKey] as? any Error).flatMap(systemCode)
}
