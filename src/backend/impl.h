// What Backend, Engine and Instance hold. Private to the room.
#pragma once

#include <memory>
#include <string>

#include "src/backend/backend.h"

namespace sightline::backend {

struct Backend::Impl {
  SlBackend table;
  BackendInfo info;
};

// Destroys the handle first, then lets go of what keeps its code alive.
struct Engine::Impl {
  Impl(std::shared_ptr<Backend> owner, const SlBackend& functions, SlEngine* engine, std::string where)
      : backend(std::move(owner)), table(functions), handle(engine), context(std::move(where)) {}
  ~Impl() { table.engine_destroy(handle); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::shared_ptr<Backend> backend;
  const SlBackend& table;  // of `backend`
  SlEngine* handle;
  std::string context;  // "backend opencv, model 'x'", in front of errors
  EngineInfo info;
};

struct Instance::Impl {
  Impl(std::shared_ptr<Engine> owner, const Engine::Impl& of, SlInstance* instance)
      : engine(std::move(owner)), engine_impl(of), handle(instance) {}
  ~Impl() { engine_impl.table.instance_destroy(handle); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::shared_ptr<Engine> engine;
  const Engine::Impl& engine_impl;  // of `engine`
  SlInstance* handle;
};

}  // namespace sightline::backend
