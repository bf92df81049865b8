// A thread that can be joined, for work that keeps a core busy for long (Tasks are for work that waits).

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A thread of the system. Signals are left to the other threads of the process.
final class WorkerThread: @unchecked Sendable {
  private final class Start {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  #if canImport(Darwin)
    private var handle: pthread_t?
  #else
    private var handle = pthread_t()
  #endif
  private var isJoined = false

  /// Starts a thread that runs `body`. Throws `DataLoaderError.noThread` where the system grants none.
  init(_ body: @escaping @Sendable () -> Void) throws {
    let start = Unmanaged.passRetained(Start(body))
    var blocked = sigset_t()
    var previous = sigset_t()
    sigfillset(&blocked)
    // The new thread inherits the mask, so that SIGINT reaches the thread that runs the training loop.
    pthread_sigmask(SIG_SETMASK, &blocked, &previous)
    #if canImport(Darwin)
      let status = pthread_create(&handle, nil, { argument in WorkerThread.run(argument) }, start.toOpaque())
    #else
      let status = pthread_create(&handle, nil, { argument in WorkerThread.run(argument!) }, start.toOpaque())
    #endif
    pthread_sigmask(SIG_SETMASK, &previous, nil)
    guard status == 0 else {
      start.release()
      throw DataLoaderError.noThread(reason: String(cString: strerror(status)))
    }
  }

  /// Waits for the end of the thread. To be called by one thread, once or more.
  func join() {
    if isJoined { return }
    isJoined = true
    #if canImport(Darwin)
      if let handle { pthread_join(handle, nil) }
    #else
      pthread_join(handle, nil)
    #endif
  }

  private static func run(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
    return nil
  }
}

// A lock with a condition, over POSIX threads. Swift's Mutex has no condition to wait on.

/// A lock that threads can wait on.
final class Condition: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    precondition(pthread_mutex_init(mutex, nil) == 0 && pthread_cond_init(condition, nil) == 0, "no lock to be had")
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Runs `body` while holding the lock. Not reentrant.
  func withLock<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Lets go of the lock until another thread calls `broadcast`, then takes it again. Call it in a loop that tests
  /// what is waited for, while holding the lock.
  func wait() { pthread_cond_wait(condition, mutex) }

  /// Wakes all threads that wait.
  func broadcast() { pthread_cond_broadcast(condition) }
}
