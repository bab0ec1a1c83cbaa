"""Steps of DBOS Transact that do nothing, timed; run by the Python of an environment that has `dbos`, see `steps.py`.

`python dbos_steps.py URL STEPS RUNS`: prints `{"one": seconds of one run alone, "many": seconds of RUNS at once}` as JSON.
"""

import asyncio
import json
import logging
import sys
import time

from dbos import DBOS, DBOSConfig  # type: ignore[import-not-found]  # in an environment of its own


@DBOS.step()  # type: ignore[untyped-decorator]
async def nothing(number: int) -> int:
    """A durable step whose work takes no time."""
    return number


@DBOS.workflow()  # type: ignore[untyped-decorator]
async def chain(steps: int) -> int:
    """So many steps, one after the other."""
    for number in range(steps):
        await nothing(number)
    return steps


async def run(steps: int, runs: int) -> None:
    """Warm up, then time one run and many."""
    await chain(5)
    began = time.perf_counter()
    await chain(steps)
    one = time.perf_counter() - began
    began = time.perf_counter()
    await asyncio.gather(*(chain(steps) for _ in range(runs)))
    many = time.perf_counter() - began
    print(json.dumps({"one": one, "many": many}))  # noqa: T201  # this is its answer


def main() -> None:
    """Everything with DBOS as its documentation starts it, but for its logs."""
    url, steps, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    config: DBOSConfig = {"name": "bench", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False}
    DBOS(config=config)
    DBOS.launch()
    logging.disable(logging.WARNING)
    asyncio.run(run(steps, runs))
    DBOS.destroy()


if __name__ == "__main__":
    main()
