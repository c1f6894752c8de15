#!/bin/bash
# When the array has ended: sbatch --dependency=afterok:JOB slurm_merge.sh
#SBATCH --job-name=abm-merge
#SBATCH --time=01:00:00
#SBATCH --mem=2G

set -euo pipefail
source .venv/bin/activate

abm merge shards/* --out r
abm verify r
