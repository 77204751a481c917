"""
The worker: a process that runs one job, `python -m jobs.worker ID`, on the store that EMOCLF_DB names.
"""

import os
import sys

from db.store import default_url, open_store
from emoclf.errors import EmoclfError
from jobs import runner


def main(job_id: int) -> int:
    """Run the job; the exit status is 0 if it ended well or was stopped, 1 if not."""
    os.nice(10)  # reviewers come first
    store = open_store(default_url())
    try:
        result = runner.execute(store, job_id)
        while "next_job" in result:
            result = runner.execute(store, result["next_job"])
    except runner.Cancelled:
        print("cancelled")
    except EmoclfError as error:
        print(error)
        return 1
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
