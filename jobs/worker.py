"""
The process that runs one job, `python -m jobs.worker ID`, on the store that EMOCLF_DB names.
"""

import logging
import os
import sys

from db.store import open_store
from emoclf import environment
from emoclf.errors import EmoclfError
from emoclf.text.visible import visible
from jobs import logs, runner
from jobs.paths import log_file

log = logging.getLogger(__name__)


def main(job_id: int) -> int:
    """Run the job; the exit status is 0 if it finished or was stopped, else 1."""
    os.nice(10)  # gives reviewers priority
    url = environment.database_url()
    try:
        store = open_store(url)
        logs.set_up(log_file(store, job_id), url, is_worker=True)
    except EmoclfError as error:
        print(visible(str(error)))  # goes to the log, whose last lines are shown for a lost job
        return 1
    try:
        result = runner.execute(store, job_id)
        while "next_job" in result:
            result = runner.execute(store, result["next_job"])
    except runner.Cancelled:
        pass
    except EmoclfError as error:  # the message is in its row and may quote a tweet
        log.warning("the job ended with %s; `cli.py jobs` shows its message", type(error).__name__)
        return 1
    except Exception as error:  # noqa: BLE001 - logged, where the interpreter would print its message
        logs.log_unexpected(error, f"the worker of job {job_id}")
        return 1
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
