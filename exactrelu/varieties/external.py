"""Optional computer algebra systems, found on PATH and run in a subprocess: primality, degree, elimination.

Singular and Macaulay2 answer three questions about an ideal of Q[variables]: its dimension, its degree, and whether
it is prime. They also eliminate, which gives minimal generators of a small variety with no use of this package's
methods.  Nothing in the package needs them: without them the functions return None.  Neither is linked or shipped
(both are under the GPL).

What they say is trusted as far as one trusts them; a status that rests on it names the system.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exactrelu.errors import InputError
from exactrelu.varieties.substitution import Substitution

__all__ = ["ENGINES", "IdealFacts", "analyse_ideal", "eliminate", "find_engine"]

ENGINES = ("Singular", "M2")


@dataclass(frozen=True, slots=True)
class IdealFacts:
    """Dimension of the affine cone, degree, and primality over Q of an ideal, according to `engine`."""

    engine: str
    dimension: int
    degree: int
    is_prime: bool


def find_engine(name: str | None = None) -> str | None:
    """Return the name of an engine that is on PATH: the given one, or the first of `ENGINES`; None if there is none.

    Raises:
        InputError: an unknown name.
    """
    if name is not None and name not in ENGINES:
        raise InputError(f"engine {name!r} is unknown; choose one of {', '.join(ENGINES)}")
    return next((engine for engine in ((name,) if name else ENGINES) if shutil.which(engine)), None)


def analyse_ideal(
    names: Sequence[str], polynomials: Iterable[object], *, engine: str | None = None, timeout: float = 60
) -> IdealFacts | None:
    """Return what an engine says about the ideal; None if there is no engine or it takes longer than `timeout` seconds.

    Args:
        names: the variables; any text, they are renamed.
        polynomials: `flint.fmpz_mpoly` in these variables, or anything whose text uses them.
    """
    chosen = find_engine(engine)
    if chosen is None:
        return None
    renamed = {name: f"v{index}" for index, name in enumerate(names)}
    ideal = ",".join(_renamed(str(f), renamed) for f in polynomials) or "0"
    variables = ",".join(renamed.values())
    if chosen == "Singular":
        script = (
            f'LIB "primdec.lib"; ring R=0,({variables}),dp; ideal I={ideal}; ideal G=std(I); '
            'print("DIM="+string(dim(G))); print("DEG="+string(mult(G))); list L=minAssGTZ(G); '
            'print("PRIME="+string(size(L)==1 and size(reduce(L[1],G))==0)); quit;'
        )
    else:
        script = (
            f"R=QQ[{variables}]; I=ideal({ideal}); "
            'print("DIM="|toString dim I); print("DEG="|toString degree I); '
            'print("PRIME="|toString(if isPrime I then 1 else 0)); exit 0'
        )
    output = _run(chosen, script, timeout)
    found = dict(re.findall(r"(DIM|DEG|PRIME)=(-?\d+)", output or ""))
    if len(found) < 3:
        return None
    return IdealFacts(chosen, int(found["DIM"]), int(found["DEG"]), found["PRIME"] == "1")


def eliminate(substitution: Substitution, *, engine: str | None = None, timeout: float = 60) -> dict[int, int] | None:
    """Return the degrees of minimal generators {degree: count} by an engine's elimination; None without engine or
    in time.

    The ideal is that of the variety in the coordinates, where no linear form vanishes, so degrees start at 2.
    """
    chosen = find_engine(engine)
    if chosen is None or not substitution.images:
        return None
    context = substitution.images[0].context()
    renamed = {name: f"w{index}" for index, name in enumerate(context.names())}
    coordinates = [f"z{v}" for v in range(len(substitution.images))]
    images = [_renamed(str(image), renamed) for image in substitution.images]
    if chosen == "Singular":
        # The slice is not homogeneous, but its elimination ideal is.
        equations = ",".join(f"{z}-({image})" for z, image in zip(coordinates, images, strict=True))
        script = (
            f"ring R=0,({','.join((*renamed.values(), *coordinates))}),dp; ideal I={equations}; "
            f"ideal J=minbase(eliminate(I,{'*'.join(renamed.values())})); "
            'int i; for(i=1;i<=size(J);i++){print("GEN="+string(deg(J[i])));} print("END=1"); quit;'
        )
    else:
        script = (
            f"S=QQ[{','.join(renamed.values())}]; R=QQ[{','.join(coordinates)}]; "
            f"J=ideal mingens kernel map(S,R,{{{','.join(images)}}}); "
            'scan(flatten entries gens J, f -> if f != 0 then print("GEN="|toString first degree f)); '
            'print("END=1"); exit 0'
        )
    output = _run(chosen, script, timeout)
    if output is None or "END=1" not in output:
        return None
    counts: dict[int, int] = {}
    for degree in map(int, re.findall(r"GEN=(\d+)", output)):
        counts[degree] = counts.get(degree, 0) + 1
    return dict(sorted(counts.items()))


def _renamed(text: str, names: dict[str, str]) -> str:
    """The text of a polynomial with its variables renamed."""
    return re.sub(r"[A-Za-z]\w*", lambda match: names[match.group()], text)


def _run(engine: str, script: str, timeout: float) -> str | None:
    """Standard output of an engine fed with a script, or None if it fails or takes too long."""
    arguments = [engine, "-q"] if engine == "Singular" else [engine, "--silent", "--stop", "-q"]
    try:
        done = subprocess.run(
            arguments, input=script + "\n", capture_output=True, text=True, timeout=timeout, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout
