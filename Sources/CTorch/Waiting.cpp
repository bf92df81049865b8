// How long the threads of one operator wait for each other before they sleep.
//
// libgomp's threads spin for some milliseconds at the end of each parallel region, which is the fastest way where every
// thread has a processor. Where another process wants the same processor, a thread spins through the time that the one
// it waits for needs, and a region of 10 µs takes 8 ms. libgomp knows the remedy: while it manages more threads than
// there are processors, a thread spins 100 times and then sleeps (GOMP_SPINCOUNT in its manual). Its variables are read
// before any code of ours, so patience is asked for by what it counts: one more team, which sleeps.
#include "ctorch_device.h"

#include "Kernels/parallel.h"
#include "guard.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace {

/// A thread that has led a team of two and sleeps. libgomp counts the team until its leader ends.
class SleepingTeam {
 public:
  explicit SleepingTeam(vitrail::GompParallel parallel)
      : leader_([this, parallel] {
          parallel([](void*) {}, nullptr, 2, 0);
          std::unique_lock lock(mutex_);
          ended_.wait(lock, [this] { return is_over_; });
        }) {}

  ~SleepingTeam() {
    {
      std::lock_guard lock(mutex_);
      is_over_ = true;
    }
    ended_.notify_one();
    leader_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_over_ = false;
  std::thread leader_;  // last: it uses the others
};

std::mutex team_mutex;
SleepingTeam* team = nullptr;

}  // namespace

extern "C" {

bool vt_patient_waiting_available(void) { return vitrail::gomp_parallel() != nullptr; }

bool vt_patient_waiting(void) {
  std::lock_guard lock(team_mutex);
  return team != nullptr;
}

vt_status vt_set_patient_waiting(bool enabled) {
  return vitrail::guard_always([&] {
    std::lock_guard lock(team_mutex);
    if (enabled == (team != nullptr) || vitrail::gomp_parallel() == nullptr) return;
    if (enabled) {
      team = new SleepingTeam(vitrail::gomp_parallel());
    } else {
      delete team;
      team = nullptr;
    }
  });
}
}
