"""Compiles and links a fault beside the build folder: the sources and what was built from them stay
as they are."""
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import process

PROGRAMS = ("rill_core_tests", "rill_nn_tests", "rill_optim_tests", "rill_memory_tests")
LIBRARY = re.compile(r"CMakeFiles/rill(_simd_\w+)?\.dir/")
# A header that more objects than this include is left alone: it would cost minutes.
MOST_OBJECTS = 6


class Build:
    """What the build folder knows: how each object and program is made, and of what."""

    def __init__(self, root, folder):
        self.root, self.folder = root, folder
        self.links = {program: self._link_command(program) for program in PROGRAMS}
        linked = {word for command in self.links.values() for word in command}
        self.compilers, self._objects = {}, {}
        for command in self._compile_commands():
            target = command[command.index("-o") + 1]
            if LIBRARY.match(target) or target in linked:
                self.compilers[target] = command
                source = Path(command[command.index("-c") + 1])
                if source.is_relative_to(root):
                    self._objects.setdefault(str(source.relative_to(root)), []).append(target)
        self._read_dependencies()

    def objects_of(self, path):
        """The objects that a change of the file makes anew; none where they are too many."""
        objects = self._objects.get(path, [])
        return objects if len(objects) <= MOST_OBJECTS else []

    def _compile_commands(self):
        for entry in json.loads((self.folder / "compile_commands.json").read_text()):
            command = shlex.split(entry["command"])
            yield command[1:] if "ccache" in command[0] else command

    def _ninja(self, *arguments):
        return subprocess.run(["ninja", "-C", self.folder, "-t", *arguments], text=True, check=True,
                              stdout=subprocess.PIPE).stdout

    def _link_command(self, program):
        """Written by CMake as `: && COMMAND && :`."""
        line = self._ninja("commands", "-s", f"tests/{program}").strip().splitlines()[-1]
        command = shlex.split(line.split(" && ")[1])
        linkers = [name for name in ("mold", "lld", "gold") if shutil.which(f"ld.{name}")]
        return command + [f"-fuse-ld={name}" for name in linkers[:1]]

    def _read_dependencies(self):
        """`ninja -t deps` prints paragraphs: `OBJECT: ...`, then the files that it includes."""
        for paragraph in self._ninja("deps").split("\n\n"):
            target, *files = paragraph.splitlines() or [""]
            target = target.split(":")[0]
            if target in self.compilers:
                for header in re.findall(r"include/rill/(\S+\.h)$", "\n".join(files), re.MULTILINE):
                    self._objects.setdefault(header, []).append(target)


class DoesNotLink(Exception):
    pass


class Workbench:
    """A folder in which one fault at a time is compiled, linked and tried."""

    def __init__(self, build, folder):
        self.build, self.folder, self.objects = build, folder, {}

    def clear(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def compile(self, path, text):
        """The file with another text, and what includes it; false where that does not compile."""
        self.clear()
        copy = self.folder / "include" / "rill" / path
        copy.parent.mkdir(parents=True)
        copy.write_text(text)
        self.objects = {target: self.folder / "objects" / target
                        for target in self.build.objects_of(path)}
        return all(self._compile(target, copy) for target in self.objects)

    def _compile(self, target, copy):
        command = list(self.build.compilers[target])
        self.objects[target].parent.mkdir(parents=True, exist_ok=True)
        command[command.index("-o") + 1] = self.objects[target]
        if copy.suffix == ".cpp":
            command[command.index("-c") + 1] = copy
        command.insert(1, f"-I{self.folder / 'include'}")  # before the folder of the true headers
        return process.run(command, 300, self.build.folder)[0] == 0

    def is_unchanged(self):
        """The compiler has made the same of it."""
        return all(made.read_bytes() == (self.build.folder / target).read_bytes()
                   for target, made in self.objects.items())

    def link(self, program):
        """The program with the fault in it. Of the library the linker takes no object whose symbols
        others before it have defined."""
        command = [self.objects.get(word, word) for word in self.build.links[program]]
        output = command.index("-o")
        command[output + 1] = self.folder / program
        command[output:output] = [made for target, made in self.objects.items()
                                  if LIBRARY.match(target)]
        status, text = process.run(command, 300, self.build.folder)
        if status != 0:
            raise DoesNotLink(text)
        return self.folder / program
