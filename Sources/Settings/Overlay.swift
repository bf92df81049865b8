// Changes to a value, and values that files hold only in part: both know the value's fields from one list.

/// A value whose fields stand in a list, so that a file may leave some out (they keep their defaults) or have others (they
/// are passed over), and so that changes to it (`Overlay`) need no declaration of their own.
public protocol Overlayable: Codable, Sendable, Equatable {
  /// The defaults.
  init()
  /// All stored properties.
  static var fields: [OverlayField<Self>] { get }
}

extension Overlayable {
  /// Reads the fields that are there; the others have their defaults.
  /// - Throws: `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: FieldName.self)
    for field in Self.fields where container.contains(FieldName(field.name)) { try field.read(container, &self) }
  }
}

/// The name of a field as a coding key.
struct FieldName: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}

/// One stored property of a value.
public struct OverlayField<Root: Sendable>: Sendable {
  /// The property's name.
  public let name: String
  /// Whether an overlay may change it.
  public let isChangeable: Bool
  fileprivate let path: any PartialKeyPath<Root> & Sendable
  fileprivate let read: @Sendable (KeyedDecodingContainer<FieldName>, inout Root) throws -> Void
  /// Takes a value that is there and not null; says whether there was one.
  fileprivate let readChange: @Sendable (KeyedDecodingContainer<FieldName>, inout Root) throws -> Bool
  /// Writes the value, or a null.
  fileprivate let write: @Sendable (Root?, inout KeyedEncodingContainer<FieldName>) throws -> Void
  fileprivate let copy: @Sendable (Root, inout Root) -> Void

  /// The property at `path`, whose name is `name`.
  public init<Value: Codable & Sendable>(
    _ name: String, _ path: any WritableKeyPath<Root, Value> & Sendable, isChangeable: Bool = true
  ) {
    let key = FieldName(name)
    self.name = name
    self.isChangeable = isChangeable
    self.path = path
    read = { container, root in root[keyPath: path] = try container.decode(Value.self, forKey: key) }
    readChange = { container, root in
      guard let value = try container.decodeIfPresent(Value.self, forKey: key) else { return false }
      root[keyPath: path] = value
      return true
    }
    write = { root, container in try container.encode(root?[keyPath: path], forKey: key) }
    copy = { source, root in root[keyPath: path] = source[keyPath: path] }
  }
}

/// Changes to some fields of a value: `overlay.depth = 6`; nil for a field that stays as it is. In a file it is a mapping
/// with a key for each changeable field, null where there is no change.
@dynamicMemberLookup
public struct Overlay<Root: Overlayable>: Codable, Sendable, Equatable {
  private var values = Root()
  private var changed: Set<String> = []

  /// No change.
  public init() {}

  /// The new value of a field, which must be a changeable one of the list; nil for none.
  public subscript<Value>(dynamicMember path: WritableKeyPath<Root, Value>) -> Value? {
    get { changed.contains(field(path).name) ? values[keyPath: path] : nil }
    set {
      let field = field(path)
      values[keyPath: path] = newValue ?? Root()[keyPath: path]
      if newValue == nil { changed.remove(field.name) } else { changed.insert(field.name) }
    }
  }

  private static var fields: [OverlayField<Root>] { Root.fields.filter(\.isChangeable) }

  private func field(_ path: PartialKeyPath<Root>) -> OverlayField<Root> {
    guard let field = Self.fields.first(where: { $0.path == path }) else {
      preconditionFailure("\(path) is no changeable field of \(Root.self)")
    }
    return field
  }

  /// `root` with these changes.
  public func applied(to root: Root) -> Root {
    var result = root
    for field in Self.fields where changed.contains(field.name) { field.copy(values, &result) }
    return result
  }

  /// Reads the changes among the keys of a mapping.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: FieldName.self)
    for field in Self.fields where try field.readChange(container, &values) { changed.insert(field.name) }
  }

  /// Writes all changeable fields.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: FieldName.self)
    for field in Self.fields { try field.write(changed.contains(field.name) ? values : nil, &container) }
  }
}
