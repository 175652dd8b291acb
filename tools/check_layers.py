#!/usr/bin/env python3
"""Holds the sources to the rooms of cmake/rooms.cmake, the list CMake builds from.

  src/ROOM/      its own files, the rooms its entry lists, base and flow, and include/; base sees base alone
  include/       itself alone
  backends/kit/  include/ and itself
  backends/NAME/ include/, kit and itself
  *_test.cc, tests/ anywhere, bench/, tools/ and the suite backends/conformance/ may see every room

Prints one line per violation and exits 1, or says how many files it looked at and exits 0.
"""

import argparse
import pathlib
import re
import sys
import tempfile

ROOM_LIST = "cmake/rooms.cmake"
SOURCE_SUFFIXES = {".h", ".cc"}
OPEN_TO_ALL = ("base", "flow")
FREE = ("tests", "bench", "tools", "backends/conformance")
PROJECT_FOLDERS = ("src", "include", "backends", "tests", "bench", "tools")

ROOM_ENTRY = re.compile(r"^sightline_room\(([^)]*)\)", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def parse_rooms(text):
    """The rooms each room lists, and what is wrong with the list itself: {room: {room}}, [violation]."""
    text = re.sub(r"#[^\n]*", lambda comment: " " * len(comment.group()), text)
    rooms, violations = {}, []
    for entry in ROOM_ENTRY.finditer(text):
        line = text.count("\n", 0, entry.start()) + 1
        words = entry.group(1).split()
        name, listed, section = words[0], set(), None
        for word in words[1:]:
            if word in ("ROOMS", "LIBS"):
                section = word
            elif section == "ROOMS":
                listed.add(word)
        # An entry that names only rooms above it can't be part of a circle.
        for room in sorted(listed - rooms.keys()):
            violations.append(f"{ROOM_LIST}:{line}: room {name} lists {room}, which is not above it")
        rooms[name] = listed
    return rooms, violations


def room_of(path):
    """The room or part of the project that a path from the repository root belongs to."""
    parts = pathlib.PurePosixPath(path).parts
    if parts[0] == "src":
        return parts[1] if len(parts) > 2 else "src"
    if parts[0] == "backends" and len(parts) > 2:
        return f"backends/{parts[1]}"
    return parts[0]


def may_see(room, path, rooms):
    """Which parts of the project a file of this room may include, or None for all of them."""
    if room in FREE or path.endswith("_test.cc") or "/tests/" in path:
        return None
    if room == "include":
        return {"include"}
    if room == "base":
        return {"base"}
    if room == "flow":
        return {"base", "flow", "include"}
    if room.startswith("backends/"):
        return {room, "backends/kit", "include"}
    return {room, "include", *OPEN_TO_ALL, *rooms.get(room, ())}


def includes(text):
    """(line number, path) of every #include."""
    for number, line in enumerate(text.splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match.group(1) or match.group(2)


def check_file(root, path, rooms):
    """The violations of one file, named by its path from the root."""
    room = room_of(path)
    if path.startswith("src/") and room not in rooms:
        return [f"{path}:1: there is no room {room} ({ROOM_LIST})"]
    allowed = may_see(room, path, rooms)
    violations = []
    for line, included in includes((root / path).read_text(encoding="utf-8")):
        if included.split("/")[0] in PROJECT_FOLDERS:
            target = room_of(included)
            if allowed is not None and target not in allowed:
                violations.append(f"{path}:{line}: room {room} may not include room {target} ({ROOM_LIST})")
        elif ((root / path).parent / included).exists():
            violations.append(f'{path}:{line}: write "{included}" as its path from the repository root')
    return violations


def check_tree(root):
    """All violations under a repository root, and how many files were looked at."""
    rooms, violations = parse_rooms((root / ROOM_LIST).read_text(encoding="utf-8"))
    files = sorted(
        file.relative_to(root).as_posix()
        for folder in PROJECT_FOLDERS
        for file in (root / folder).rglob("*")
        if file.suffix in SOURCE_SUFFIXES
    )
    for path in files:
        violations += check_file(root, path, rooms)
    return violations, len(files)


SELF_TEST_ROOMS = """# base first
sightline_room(base LIBS fmt::fmt)
sightline_room(flow)
sightline_room(stats)   # sightline_room(comment ROOMS flow)
sightline_room(network ROOMS stats
               LIBS onnx)
sightline_room(zoo ROOMS network LIBS onnx)
"""

# (file, its text, the violation expected or None)
SELF_TEST_FILES = [
    ("src/base/a.h", '#include <string>\n#include "src/base/b.h"\n', None),
    ("src/base/b.h", '#include "src/flow/a.h"\n', "src/base/b.h:1: room base may not include room flow"),
    ("src/base/c.h", '#include "include/x/abi.h"\n', "src/base/c.h:1: room base may not include room include"),
    ("src/flow/a.h", '#include "src/base/a.h"\n#include "include/x/abi.h"\n', None),
    ("src/flow/b.h", '\n#include "src/stats/a.h"\n', "src/flow/b.h:2: room flow may not include room stats"),
    ("src/network/a.cc", '#include "src/stats/a.h"\n#include "src/flow/a.h"\n#include "src/base/a.h"\n', None),
    ("src/network/b.cc", '#  include "src/zoo/a.h"\n', "src/network/b.cc:1: room network may not include room zoo"),
    ("src/network/c.cc", "#include <src/zoo/a.h>\n", "src/network/c.cc:1: room network may not include room zoo"),
    ("src/network/d.cc", '#include "onnx/onnx_pb.h"\n// #include "src/zoo/a.h"\n', None),
    ("src/network/e.cc", '#include "a.cc"\n', 'src/network/e.cc:1: write "a.cc" as its path'),
    ("src/network/f.cc", '#include "tests/fakes/a.h"\n', "src/network/f.cc:1: room network may not include room tests"),
    ("src/network/a_test.cc", '#include "tests/fakes/a.h"\n#include "src/zoo/a.h"\n', None),
    ("src/zoo/a.h", '#include "src/network/a.h"\n', None),
    ("src/zoo/b.h", '#include "src/stats/a.h"\n', "src/zoo/b.h:1: room zoo may not include room stats"),
    ("src/attic/a.h", "\n", "src/attic/a.h:1: there is no room attic"),
    ("include/x/abi.h", "#include <stdint.h>\n", None),
    ("include/x/bad.h", '#include "src/base/a.h"\n', "include/x/bad.h:1: room include may not include room base"),
    ("backends/kit/a.h", '#include "include/x/abi.h"\n#include "backends/kit/b.h"\n', None),
    ("backends/kit/b.h", '#include "backends/null/a.h"\n', "backends/kit/b.h:1: room backends/kit may not include"),
    ("backends/null/a.h", '#include "backends/kit/a.h"\n#include "backends/null/b.h"\n', None),
    ("backends/null/b.h", '#include "src/base/a.h"\n', "backends/null/b.h:1: room backends/null may not include room base"),
    ("backends/null/c.h", '#include "backends/cv/a.h"\n', "room backends/null may not include room backends/cv"),
    ("backends/conformance/a.cc", '#include "src/zoo/a.h"\n#include "backends/null/a.h"\n', None),
    ("backends/null/tests/a.h", '#include "src/zoo/a.h"\n', None),
    ("tests/a.cc", '#include "src/zoo/a.h"\n', None),
]

# (room list, the violation expected or None)
SELF_TEST_LISTS = [
    ("sightline_room(a)\nsightline_room(b ROOMS a)\n", None),
    ("sightline_room(a ROOMS b)\nsightline_room(b ROOMS a)\n", "cmake/rooms.cmake:1: room a lists b, which is not above"),
    ("sightline_room(a)\nsightline_room(b ROOMS b)\n", "cmake/rooms.cmake:2: room b lists b, which is not above"),
]


def self_test():
    """Asserts the verdict on each made-up file and room list; returns the verdicts that came out otherwise."""
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in [(ROOM_LIST, SELF_TEST_ROOMS)] + [(path, text) for path, text, _ in SELF_TEST_FILES]:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        found, count = check_tree(root)
        for path, _, expected in SELF_TEST_FILES:
            about = [violation for violation in found if violation.startswith(path + ":")]
            if (expected is None and about) or (expected and (len(about) != 1 or expected not in about[0])):
                wrong.append(f"{path}: expected {expected}, found {about}")
        if count != len(SELF_TEST_FILES):
            wrong.append(f"looked at {count} files of {len(SELF_TEST_FILES)}")
    for text, expected in SELF_TEST_LISTS:
        _, found = parse_rooms(text)
        if (expected is None and found) or (expected and not any(expected in violation for violation in found)):
            wrong.append(f"{text!r}: expected {expected}, found {found}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--self-test", action="store_true", help="check this script on small made-up trees")
    if parser.parse_args().self_test:
        problems, praise = self_test(), f"self-test: {len(SELF_TEST_FILES) + len(SELF_TEST_LISTS)} verdicts as expected"
    else:
        problems, count = check_tree(pathlib.Path(__file__).resolve().parent.parent)
        praise = f"{count} files include only what {ROOM_LIST} allows"
    print("\n".join(problems) if problems else praise)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
