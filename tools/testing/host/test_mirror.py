# SPDX-License-Identifier: GPL-2.0
"""Where packages come from: the machine's own mirror, by its own proxy.

Programs stand in for apt and mmdebstrap, so nothing is fetched.
"""

import subprocess

from ktap import check, test
from machine import Host
from sandbox import TOP, Sandbox

NEEDS = Host()

ENTER = TOP / "scripts/enter"
MAIN = "http://mirror.invalid/debian/"
SECURITY = "http://mirror.invalid/debian-security/"


class Machine(Sandbox):
    """A machine whose apt has these sources, as `COMPONENT RELEASE ADDRESS ORIGIN`."""

    def __init__(self, *sources: str, settings: str = "", detect: str = "") -> None:
        super().__init__()
        del self.variables["TALLY_MIRROR"]
        lines = "\n".join(sources)
        self.shim("apt-get", f"""case $1 in
            indextargets) cat <<'END'
{lines}
END
            ;; *) echo "apt-get $*" >>"{self.root}/calls" ;; esac""")
        self.shim("apt-config", f"""case $1 in
            dump) cat <<'END'
{settings}
END
            ;; shell) echo "detect='{detect}'" ;; esac""")
        self.shim("mmdebstrap", f'printf "%s\\n" "$@" >"{self.root}/arguments"; exit 1')

    def arguments(self, **changes: str) -> list[str]:
        """What mmdebstrap is called with, one an element; else what scripts/enter says."""
        _, output = self.run(ENTER, "--", "true", **changes)
        path = self.root / "arguments"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else [output]

    def sources_of_kernels(self, **changes: str) -> list[str]:
        """The sources of kernels, and what their list and the note of one are called."""
        script = """. scripts/host/environment.sh
            find_mirror; kernel_sources; basename "$INDEX"; basename "$(note_of stock)"
            """
        _, output = self.run("bash", "-c", script, **changes)
        return output.splitlines()

    def mirrors(self, **changes: str) -> list[str]:
        """The sources that mmdebstrap gets."""
        return [word for word in self.arguments(**changes) if word.startswith("deb ")]


def sources(main: str, security: str) -> list[str]:
    """Those of the tools tree."""
    return [f"deb {main} trixie main", f"deb {main} trixie-updates main",
            f"deb {security} trixie-security main"]


HERE = sources(MAIN.rstrip("/"), SECURITY.rstrip("/"))


@test("the tools tree comes from the mirror of the machine's apt, and not from others' "
      "repositories")
def own_mirror() -> None:
    foreign = ("stable bookworm http://foreign.invalid/debian/ Docker",
               "main bookworm-pgdg http://foreign.invalid/pub/ apt.postgresql.org",
               "main nodistro http://foreign.invalid/node/ $(ORIGIN)",
               "contrib bookworm http://foreign.invalid/debian/ Debian")
    for origin in ("Debian", "$(ORIGIN)", ""):
        with Machine(*foreign, f"main bookworm-security {SECURITY} {origin or 'Debian'}",
                     f"main bookworm {MAIN} {origin or 'Debian'}") as machine:
            found = machine.mirrors()
            check(found == HERE, f"{origin}: {found}")


@test("the tools tree of TALLY_TREE=sid is a sid, whose kernels are sid's and experimental's, in a "
      "list of their own")
def sid() -> None:
    with Machine(f"main bookworm {MAIN} Debian") as machine:
        main = MAIN.rstrip("/")
        found = machine.arguments(TALLY_TREE="sid")
        check([word for word in found if word.startswith("deb ")] == [f"deb {main} sid main"]
              and "sid" in found, f"{found}")
        check("gcc-16" in ",".join(found), f"{found}")
        kernels = machine.sources_of_kernels(TALLY_TREE="sid")
        check(kernels == [f"deb {main} sid main", f"deb {main} experimental main",
                          "index-sid", "stock-sid.note"], f"{kernels}")
        kernels = machine.sources_of_kernels()
        check(kernels == [f"deb {main} trixie main", f"deb {main}-security trixie-security main",
                          f"deb {main} trixie-backports main", "index",
                          "stock.note"], f"{kernels}")


@test("a list of mirrors, as images for clouds have it, gives its first")
def mirror_list() -> None:
    with Machine() as machine:
        lists = machine.root / "lists"
        lists.mkdir()
        (lists / "debian").write_text(f"# mirrors\n\n{MAIN}\tpriority:1\nhttp://x.invalid/\n",
                                      encoding="ascii")
        (lists / "security").write_text(f"{SECURITY}\n", encoding="ascii")
        with Machine(f"main bookworm mirror+file:{lists}/debian Debian",
                     f"main bookworm-security mirror+file://{lists}/security Debian") as other:
            found = other.mirrors()
            check(found == HERE, f"{found}")


@test("TALLY_MIRROR and TALLY_SECURITY_MIRROR name others")
def named() -> None:
    with Machine(f"main bookworm {MAIN} Debian") as machine:
        found = machine.mirrors(TALLY_MIRROR="https://other.invalid/debian/")
        check(found == sources("https://other.invalid/debian", "https://other.invalid/debian-security"),
              f"{found}")
        found = machine.mirrors(TALLY_MIRROR="https://other.invalid/debian",
                                TALLY_SECURITY_MIRROR="https://s.invalid/x")
        check(found == sources("https://other.invalid/debian", "https://s.invalid/x"), f"{found}")


@test("a machine whose apt knows no mirror of Debian's is told so in one sentence")
def none() -> None:
    for one in ((), ("main noble http://ubuntu.invalid/ubuntu/ Ubuntu",)):
        with Machine(*one) as machine:
            output = machine.arguments()
            check(len(output) == 1 and output[0].count("\n") == 1 and "TALLY_MIRROR" in output[0],
                  f"{output}")


@test("its proxy serves, and nothing else of its configuration does")
def proxy() -> None:
    wanted = ['Acquire::http::Proxy "http://proxy.invalid:3142";',
              'Acquire::http::Proxy::mirror.invalid "DIRECT";',
              'Acquire::https::Proxy "http://proxy.invalid:3143";',
              'Acquire::Check-Valid-Until "false";']
    others = ['APT::Get::AllowUnauthenticated "1";', 'Acquire::AllowInsecureRepositories "1";',
              'DPkg::Post-Invoke:: "echo hook";', 'Acquire::http::Proxy "";']
    with Machine(f"main bookworm {MAIN} Debian", settings="\n".join([*wanted, *others])) as machine:
        found = [word.removeprefix("--aptopt=") for word in machine.arguments()]
        check(set(wanted) <= set(found), f"{found}")
        check(not set(others) & set(found), f"{found}")
    with Sandbox() as box:
        box.shim("detect", "echo http://found.invalid:8000")
        with Machine(f"main bookworm {MAIN} Debian", detect=f"{box.shims}/detect") as machine:
            found = machine.arguments()
            check('--aptopt=Acquire::http::Proxy "http://found.invalid:8000";' in found, f"{found}")


@test("no host of a mirror stands in the scripts")
def no_host() -> None:
    host = r"https?://[a-z0-9.-]*(debian|pypi)[a-z0-9.-]*/"
    found = subprocess.run(["grep", "-rnE", host, "scripts"], cwd=TOP, check=False,
                           text=True, capture_output=True).stdout
    check(not found, found)


def install_host_tools(machine: Machine) -> str:
    """What installing them says."""
    script = ". scripts/host/environment.sh; install_host_tools"
    done = subprocess.run(["bash", "-c", script], cwd=TOP, check=False, text=True,
                          env=machine.environment({}), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    check(done.returncode == 0, f"exit status {done.returncode}: {done.stdout}")
    return done.stdout


@test("a source of apt that cannot be read keeps nothing from being installed")
def broken_source() -> None:
    with Machine() as machine:
        machine.shim("apt-get", f'echo "$*" >>"{machine.root}/calls"\n'
                     'case "$*" in *update*) exit 100 ;; esac')
        install_host_tools(machine)
        calls = (machine.root / "calls").read_text(encoding="ascii").splitlines()
        check(len(calls) == 2 and "install" in calls[1] and "mmdebstrap" in calls[1], f"{calls}")
        check("DPkg::Lock::Timeout=" in calls[1], f"it does not wait for dpkg's lock: {calls}")


@test("a tools tree that is older than a month is made anew; if that fails the old one serves for "
      "a day")
def renewed() -> None:
    with Machine(f"main bookworm {MAIN} Debian") as machine:
        script = """. scripts/host/environment.sh
            prune() { :; }
            name_tools_trees
            mkdir -p "$CACHE/log" "$TOOLS_TREES.20200101/etc"
            touch -d "$0" "$TOOLS_TREES.20200101$TOOLS_TREE_MARK"
            have_tools_tree; echo "TOOLS_TREE=$TOOLS_TREE"; have_tools_tree"""

        def run(age: str) -> str:
            done = subprocess.run(["unshare", "--mount", "bash", "-c", script, age], cwd=TOP,
                                  check=False, text=True, env=machine.environment({}),
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            check(done.returncode == 0 and ".20200101\n" in done.stdout, done.stdout)
            return done.stdout

        check("going on" not in run("1 day ago"), "a young tree is made anew")
        check(not (machine.root / "arguments").exists(), "a young tree is made anew")
        check(run("32 days ago").count("going on with the tools tree of 20200101") == 1,
              "it does not say which tree serves, once")
        check((machine.root / "arguments").exists(), "an old tree is not made anew")
        check("going on" not in run("32 days ago"), "it tries again on the same day")
