"""Argo CD's scripts, run as Argo CD runs them: Lua 5.1 without its libraries, and objects as tables.

Upstream runs them on gopher-lua, which cannot be had in Python; lupa's LuaJIT speaks the same language. Scripts of a
user's argocd-cm may use less than those that Argo CD brings along: here all of them get that little.
"""

from typing import Any

import lupa.luajit21 as lua

from releaseflow.unstructured import Object

_LEFT_OUT = "string, math, io, debug, coroutine, os, jit, bit, ffi, python, require, package = nil"


def run(script: str, thing: Object) -> Any:
    """Return what a script makes of an object: its health, its actions, or what an action changes it to.

    Raises:
        lupa.luajit21.LuaError: The script refuses.
    """
    runtime = lua.LuaRuntime(register_eval=False, register_builtins=False)
    runtime.globals()["obj"] = _table(runtime, thing)
    function = runtime.eval("function(script) local f, e = loadstring(script) if not f then error(e) end return f end")
    compiled = function(script)
    runtime.execute(_LEFT_OUT)
    return _plain(compiled())


def _table(runtime: Any, value: Any) -> Any:
    """Return what Lua sees of a value; a number is a double there."""
    if isinstance(value, dict):
        return runtime.table_from({name: _table(runtime, inner) for name, inner in value.items()})
    if isinstance(value, list):
        return runtime.table_from([_table(runtime, inner) for inner in value])
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _plain(value: Any) -> Any:
    """Return what Lua gives back; an empty table may be either, as in Argo CD, which then takes what was there."""
    if lua.lua_type(value) != "table":
        return int(value) if isinstance(value, float) else value
    names = list(value)
    if names and all(isinstance(name, int) for name in names):
        return [_plain(value[place]) for place in range(1, len(names) + 1)]
    return {name: _plain(value[name]) for name in names}
