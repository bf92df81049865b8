/// Randomness as a pure function of a seed and a path: `KeyedRandom(seed: s, epoch, sample, transform)` gives the same
/// bits on every platform, in every process, in any order of use. The generator is Philox 4x32-10; each element of a
/// path goes through one block of it, so that different paths (and paths of different length) are independent streams.
public struct KeyedRandom: RandomNumberGenerator, Sendable, Equatable {
  /// The key of the stream, and the upper half of its counters.
  private var key: SIMD2<UInt32>
  private var stream: SIMD2<UInt32>
  private var index: UInt64 = 0
  private var pending: UInt64?

  /// The stream of a seed and a path, for example epoch, sample, transform.
  public init(seed: UInt64, _ path: Int...) {
    self.init(seed: seed, path: path)
  }

  /// The stream of a seed and a path.
  public init(seed: UInt64, path: [Int]) {
    key = Self.words(seed)
    stream = .zero
    for element in path { descend(element) }
  }

  /// The stream one step further down the path, whatever was drawn from this one.
  public func child(_ element: Int) -> KeyedRandom {
    var child = self
    child.index = 0
    child.pending = nil
    child.descend(element)
    return child
  }

  /// The stream of a name further down the path, whatever was drawn from this one. No name has the stream of a number or
  /// of a path of numbers.
  public func child(_ name: String) -> KeyedRandom {
    let bytes = Array(name.utf8)
    var child = child(-1 - bytes.count)
    for start in stride(from: 0, to: bytes.count, by: 8) {
      let word = bytes[start..<min(start + 8, bytes.count)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      child = child.child(Int(truncatingIfNeeded: word))
    }
    return child
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    if let second = pending {
      pending = nil
      return second
    }
    let low = Self.words(index)
    let block = Philox.block(counter: Philox.Words(low[0], low[1], stream[0], stream[1]), key: key)
    index &+= 1
    pending = UInt64(block[2]) | UInt64(block[3]) << 32
    return UInt64(block[0]) | UInt64(block[1]) << 32
  }

  /// A number in [0, 1), a multiple of 2^-53.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number in the range; its upper bound is reached only through rounding or when the range is a single number.
  public mutating func uniform(in range: ClosedRange<Double>) -> Double {
    min(range.lowerBound + (range.upperBound - range.lowerBound) * uniform(), range.upperBound)
  }

  /// An integer in 0..<bound, each equally likely (Lemire's multiplication with rejection). `bound` must be positive.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "integer(below:) needs a positive bound, got \(bound)")
    let range = UInt64(bound)
    let threshold = (0 &- range) % range
    while true {
      let product = range.multipliedFullWidth(by: next())
      if product.low >= threshold { return Int(product.high) }
    }
  }

  /// True with the given probability: never for 0, always for 1.
  public mutating func bool(probability: Double) -> Bool {
    uniform() < probability
  }

  /// A standard normal number (Marsaglia's polar method, with a logarithm that is the same on every platform).
  public mutating func normal() -> Double {
    while true {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let square = x * x + y * y
      if square > 0 && square < 1 {
        return x * (-2 * DeterministicMath.log(square) / square).squareRoot()
      }
    }
  }

  /// The integers 0..<count in a random order, every order equally likely (Fisher and Yates).
  public mutating func shuffled(_ count: Int) -> [Int] {
    precondition(count >= 0, "shuffled(_:) needs a count of at least zero, got \(count)")
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, integer(below: last + 1))
    }
    return order
  }

  /// Replaces key and stream by a block of the present key. The constant keeps these blocks apart from those that
  /// `next()` hands out.
  private mutating func descend(_ element: Int) {
    let low = Self.words(UInt64(bitPattern: Int64(element)))
    let counter = Philox.Words(low[0], low[1], stream[0], stream[1] ^ 0x5851_F42D)
    let block = Philox.block(counter: counter, key: key)
    key = SIMD2(block[0], block[1])
    stream = SIMD2(block[2], block[3])
  }

  private static func words(_ value: UInt64) -> SIMD2<UInt32> {
    SIMD2(UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32))
  }
}
