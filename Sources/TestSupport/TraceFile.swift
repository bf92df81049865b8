public import Foundation

/// A file of trace events, and what is wrong with it.
public struct TraceFile {
  /// A complete event; times in microseconds.
  public struct Span: Sendable {
    /// The name.
    public var name: String
    /// The kind: `cpu_op`, `user_annotation`, ...
    public var category: String
    /// The process and thread.
    public var thread: String
    /// The start.
    public var start: Double
    /// The length.
    public var duration: Double
    /// The end.
    public var end: Double { start + duration }
  }

  /// The operators and annotations.
  public private(set) var spans: [Span] = []
  /// What a viewer would stumble over.
  public private(set) var faults: [String] = []

  /// Reads and checks the text of a trace.
  public init(_ data: Data) {
    guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
      let events = object["traceEvents"] as? [[String: Any]]
    else {
      faults = ["it is no JSON object with traceEvents"]
      return
    }
    for event in events where event["ph"] as? String == "X" {
      let category = event["cat"] as? String ?? ""
      guard ["cpu_op", "user_annotation"].contains(category) else { continue }
      guard let name = event["name"] as? String, !name.isEmpty, let start = event["ts"] as? Double,
        let duration = event["dur"] as? Double, duration >= 0, let thread = event["tid"], let process = event["pid"]
      else {
        faults.append("an event lacks a name, a time or a thread: \(event)")
        continue
      }
      spans.append(
        Span(name: name, category: category, thread: "\(process) \(thread)", start: start, duration: duration))
    }
    if spans.isEmpty { faults.append("it has no complete event") }
    checkNesting()
  }

  /// The spans that lie in another of the same thread.
  public func inside(_ outer: Span) -> [Span] {
    spans.filter {
      $0.thread == outer.thread && $0.start >= outer.start && $0.end <= outer.end && $0.name != outer.name
    }
  }

  /// The annotations of a name, in order.
  public func annotations(_ name: String) -> [Span] {
    spans.filter { $0.category == "user_annotation" && $0.name == name }.sorted { $0.start < $1.start }
  }

  /// On one thread a span lies in another, or apart from it.
  private mutating func checkNesting() {
    for (thread, spans) in Dictionary(grouping: spans, by: \.thread) {
      var open: [Span] = []
      for span in spans.sorted(by: { ($0.start, -$0.duration) < ($1.start, -$1.duration) }) {
        // Times are written in whole nanoseconds.
        while let last = open.last, last.end <= span.start + 0.0015 { open.removeLast() }
        if let last = open.last, span.end > last.end + 0.0015 {
          faults.append("\(span.name) begins within \(last.name) and ends after it, on thread \(thread)")
        }
        open.append(span)
      }
    }
  }
}
