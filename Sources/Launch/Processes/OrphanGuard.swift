import Foundation

/// A small process that outlives the launcher by a moment: when the launcher is gone, whatever the reason, it kills
/// the process groups that are left.
///
/// A shell is enough for it, where a second launcher would load all of libtorch. It reads process groups, `+ 12` and
/// `- 12`, from a pipe whose other end only the launcher has.
final class OrphanGuard {
  private static let script = """
    trap '' HUP INT TERM
    groups=
    while read -r sign group; do
      case $sign in
      +) groups="$groups $group" ;;
      -)
        rest=
        for each in $groups; do [ "$each" = "$group" ] || rest="$rest $each"; done
        groups=$rest
        ;;
      esac
    done
    for each in $groups; do kill -s KILL -- "-$each"; done
    """

  private let pid: pid_t
  private let writing: Int32

  /// Starts to guard.
  init() throws(LaunchError) {
    let pipe = try PipeEnds()
    do throws(LaunchError) {
      pid = try Spawn.start(
        ["/bin/sh", "-c", Self.script, "vitrail-launch-guard"], environment: ["PATH": "/usr/bin:/bin"],
        descriptors: [(source: pipe.reading, target: 0)])
    } catch {
      pipe.close()
      throw error
    }
    close(pipe.reading)
    writing = pipe.writing
  }

  deinit {
    close(writing)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) == -1, errno == EINTR {}
  }

  func watch(_ group: pid_t) { _ = PipeEnds.write(Array("+ \(group)\n".utf8), to: writing) }
  func forget(_ group: pid_t) { _ = PipeEnds.write(Array("- \(group)\n".utf8), to: writing) }

  /// Whether somebody killed the guard.
  var isDead: Bool {
    var info = siginfo_t()
    return waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == SIGCHLD
  }
}
