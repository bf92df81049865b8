// A place in the settings: its path, what was written there, and what holds where nothing was.

/// A place that is being decoded.
struct OptionsPosition {
  /// The dotted path.
  var path: String
  /// What was written, if anything.
  var node: OptionsNode?
  /// The default, if the place has one.
  var defaults: OptionsValue?

  static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The place of a key inside this one.
  func child(_ key: String) -> OptionsPosition {
    OptionsPosition(path: Self.join(path, key), node: node?.child(key), defaults: defaults?[key])
  }

  /// The same place as if nothing had been written.
  var withoutNode: OptionsPosition { OptionsPosition(path: path, node: nil, defaults: defaults) }

  /// Whether anything is known about the place.
  var isPresent: Bool { node != nil || defaults != nil }

  /// Whether what holds here is no value.
  var isNull: Bool { node?.isNull ?? (defaults == nil || defaults == .null) }
}
