// TensorFlow writes to file descriptor 2 while its libraries are loaded, before any setting of it can be heard.
// mute() points that descriptor at /dev/null, unmute() back again; quieten(path of libtensorflow_framework) lets
// only errors through from then on. Built by `graft setup native`.
#include <dlfcn.h>
#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>

static int saved = -1;

static napi_value Mute(napi_env, napi_callback_info) {
  if (saved >= 0) return nullptr;
  const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nothing < 0) return nullptr;
  saved = fcntl(2, F_DUPFD_CLOEXEC, 3);
  if (saved >= 0) dup2(nothing, 2);
  close(nothing);
  return nullptr;
}

static napi_value Unmute(napi_env, napi_callback_info) {
  if (saved < 0) return nullptr;
  dup2(saved, 2);
  close(saved);
  saved = -1;
  return nullptr;
}

static napi_value Quieten(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  char path[4096];
  size_t length;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  if (napi_get_value_string_utf8(env, argument, path, sizeof path, &length) != napi_ok) return nullptr;
  void* library = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
  if (!library) return nullptr;
  // absl::SetStderrThreshold(absl::LogSeverityAtLeast::kError) of the Abseil in TensorFlow 2.21.
  void* set = dlsym(library, "_ZN4absl12lts_2025081418SetStderrThresholdENS0_18LogSeverityAtLeastE");
  if (set) reinterpret_cast<void (*)(int)>(set)(2);
  dlclose(library);
  return nullptr;
}

static napi_value Init(napi_env env, napi_value exports) {
  const struct {
    const char* name;
    napi_callback function;
  } all[] = {{"mute", Mute}, {"unmute", Unmute}, {"quieten", Quieten}};
  for (const auto& one : all) {
    napi_value function;
    napi_create_function(env, one.name, NAPI_AUTO_LENGTH, one.function, nullptr, &function);
    napi_set_named_property(env, exports, one.name, function);
  }
  return exports;
}

NAPI_MODULE(quiet, Init)
