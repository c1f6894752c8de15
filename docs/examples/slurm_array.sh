#!/bin/bash
# A batch as an array of jobs that know nothing of each other: sbatch slurm_array.sh
#SBATCH --job-name=abm
#SBATCH --array=1-20
#SBATCH --cpus-per-task=4
#SBATCH --mem=2G
#SBATCH --time=04:00:00
#SBATCH --output=%x-%a.txt

set -euo pipefail
source .venv/bin/activate
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
export JIEDIAN_CACHE="${TMPDIR:-/tmp}/jiedian"

abm batch experiments/joint_points \
    --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
    --workers "$SLURM_CPUS_PER_TASK" \
    --out "shards/$SLURM_ARRAY_TASK_ID"
