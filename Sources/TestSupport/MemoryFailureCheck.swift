import Torch

/// Makes an action again and again from one state, each time with another of its requests for memory refused, and looks
/// for what is wrong. To be run in a process of its own: requests are counted over the whole process, and a hole may end
/// it.
///
/// Every refusal has to be a thrown `TorchError.outOfMemory`, has to leave the state, the live tensors and the memory in
/// use as they were, and the same action made afterwards, without a refusal, has to give what it gives in a process where
/// memory never ran out, to the bit.
/// - Parameters:
///   - state: all that the action may change.
///   - restore: brings that state back to where it was.
///   - action: gives what it computed.
/// - Returns: the number of requests, and what is wrong, a line each; nothing where all is well.
public func checkMemoryFailures<State: Equatable, Outcome: Equatable>(
  state: () -> State, restore: () throws -> Void, _ action: () throws -> Outcome
) throws -> (numRequests: Int, faults: [String]) {
  // What is made once, and kept, is made here.
  for _ in 0..<2 {
    try restore()
    _ = try action()
  }
  try restore()
  let before = state()
  let first = MemoryFailure.requests
  let outcome = try action()
  let numRequests = MemoryFailure.requests - first
  let after = state()
  var faults: [String] = []
  for request in 0..<numRequests {
    func report(_ fault: String) { faults.append("request \(request + 1) of \(numRequests): \(fault)") }
    try restore()
    let (tensors, memory) = (LiveTensors.count, Device.cpu.memory.current)
    MemoryFailure.atRequest(request + 1)
    do {
      _ = try action()
      report("no error")
    } catch TorchError.outOfMemory {
    } catch {
      report("\(error)")
    }
    MemoryFailure.off()
    let (tensorsLeft, memoryLeft) = (LiveTensors.count - tensors, Device.cpu.memory.current - memory)
    if tensorsLeft != 0 { report("\(tensorsLeft) more tensors alive") }
    if memoryLeft != 0 { report("\(memoryLeft) more bytes in use") }
    if state() != before { report("the state has changed") }
    if try action() != outcome { report("the next outcome is another one") }
    if state() != after { report("the next state is another one") }
  }
  return (numRequests, faults)
}
