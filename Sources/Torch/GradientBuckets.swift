import CTorch

/// Slices of gradients that are summed over a group's ranks while the backward pass still computes the others: each is
/// started, by a hook of libtorch's, as soon as its last gradient is there, in the order of the slices.
public final class GradientBuckets {
  /// A slice.
  public struct Bucket {
    /// A buffer of gradients, [n].
    public var gradients: Tensor
    /// What of it is the slice.
    public var range: Range<Int>
    /// The parameters whose gradients it holds, in full or in part.
    public var parameters: [Tensor]

    /// A slice of a buffer.
    public init(gradients: Tensor, range: Range<Int>, parameters: [Tensor]) {
      self.gradients = gradients
      self.range = range
      self.parameters = parameters
    }
  }

  private let handle: vt_buckets
  private let backend: CollectiveBackend

  /// Watches the buckets' parameters. A parameter is watched by one such object at a time.
  /// - Parameter dtype: the type in which gradients are sent and summed, where it is not their own.
  public init(_ buckets: [Bucket], over backend: CollectiveBackend, sendingAs dtype: DType? = nil) {
    var out = vt_buckets()
    let lists = buckets.map { $0.parameters.map(\.handle) }
    func create(_ index: Int, _ made: [vt_bucket]) {
      guard index < buckets.count else {
        check(
          vt_buckets_create(backend.handle, made, made.count, dtype != nil, (dtype ?? .float32).code, &out))
        return
      }
      let bucket = buckets[index]
      lists[index].withUnsafeBufferPointer { list in
        let next = vt_bucket(
          gradients: bucket.gradients.handle, begin: Int64(bucket.range.lowerBound),
          end: Int64(bucket.range.upperBound),
          parameters: list.baseAddress, num_parameters: list.count)
        create(index + 1, made + [next])
      }
    }
    create(0, [])
    handle = out
    self.backend = backend
  }

  deinit { vt_buckets_free(handle) }

  /// Lets the next backward pass start the sums: it is the last one before `finish`.
  public func arm() { check(vt_buckets_arm(handle)) }

  /// Starts what is not started yet, such as the gradients of what the loss did not reach, and waits for all sums.
  /// - Returns: how many were started by the backward pass.
  @discardableResult
  public func finish() throws(NetworkError) -> Int {
    var overlapped: Int64 = 0
    try checkNetwork(vt_buckets_finish(handle, &overlapped))
    return Int(overlapped)
  }
}
