"""Dask workers as jobs of Slurm, and the command that uses them: ``python slurm_cluster.py``.

Runs on a login node or in a small job of its own, for as long as the batch takes. Needs ``pip install dask-jobqueue``.
"""

import subprocess
import sys

from dask_jobqueue import SLURMCluster

JOBS = 20
EXPERIMENT = ["batch", "experiments/joint_points", "--out", "r"]  # on a disk that all nodes see

if __name__ == "__main__":
    cluster = SLURMCluster(
        queue="short",  # the partition; `sinfo` lists them
        account="my_project",
        cores=8,
        processes=8,  # a run uses one core, so as many workers as cores
        memory="8GB",  # all eight together; a worker takes some 310 MB with 10 000 households
        walltime="04:00:00",
        interface="ib0",  # the network that nodes share; `ip address` lists them
        local_directory="/tmp",
        job_script_prologue=[
            "source .venv/bin/activate",
            "source docs/examples/workers.sh",  # threads, memory, and what Dask watches
        ],
    )
    cluster.scale(jobs=JOBS)
    # Runs begin when the first job does, others join as they start. Where all jobs run out of time, this command
    # again does the rest.
    words = [sys.executable, "-m", "abm", *EXPERIMENT, "--cluster", cluster.scheduler_address]
    sys.exit(subprocess.run(words).returncode)
