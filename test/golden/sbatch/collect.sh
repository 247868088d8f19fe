#!/bin/bash
#SBATCH --reservation=night
#SBATCH --mail-type=END
#SBATCH --partition=gpu
#SBATCH --account=vision
#SBATCH --qos=normal
#SBATCH --constraint=a100|h100
#SBATCH --time=10
#SBATCH --cpus-per-task=1
#SBATCH --job-name=graft-grid-s1a2b3c-collect-1
#SBATCH --output=/shared/runs/grid-s1a2b3c/slurm/logs/%j.log
#SBATCH --open-mode=append
#SBATCH --chdir=/shared/runs/grid-s1a2b3c
#SBATCH --requeue
#SBATCH --kill-on-invalid-dep=yes

folder='/shared/runs/grid-s1a2b3c'
node='/opt/node/bin/node'
graft='/shared/graft/src/graft.cjs'
package='/shared/graft/package.json'
version='0.1.0'
export GRAFT_RUNS='/shared/runs'
export GRAFT_CACHE='/shared/cache/graft'
task=collect needs=
job=$SLURM_JOB_ID

restart=$SLURM_RESTART_COUNT
[ -n "$restart" ] || restart=0
key=$job.$restart
# A record is there whole or not at all: written beside its place, then renamed.
record() { # start|exit JSON
	printf '%s\n' "$2" >"$folder/slurm/$1/.$key.$$" &&
		mv -f "$folder/slurm/$1/.$key.$$" "$folder/slurm/$1/$key.json"
}
now() { date -u +%Y-%m-%dT%H:%M:%SZ; }
about="\"key\":\"$key\",\"name\":\"$SLURM_JOB_NAME\",\"task\":\"$task\",\"node\":\"$SLURMD_NODENAME\""
reason=setup detail= child= signal=
on_exit() {
	local code=$?
	[ -z "$signal" ] || reason=$signal
	detail=$(printf '%s' "$detail" | tr -c '[:alnum:] .,:;/_()=+-' ' ' | cut -c1-300)
	record exit "{$about,\"reason\":\"$reason\",\"code\":$code,\"detail\":\"$detail\",\"time\":\"$(now)\"}"
}
# USR1: the time limit comes near. TERM: preempted or cancelled.
# Graft ends its runs as KILLED then and keeps what is finished.
on_signal() {
	[ -n "$signal" ] || signal=$1
	[ -z "$child" ] || kill -TERM "$child" 2>/dev/null
}
trap on_exit EXIT
trap 'on_signal USR1' USR1
trap 'on_signal TERM' TERM
record start "{$about,\"gpus\":\"$CUDA_VISIBLE_DEVICES\",\"time\":\"$(now)\"}" || exit 1

# launcher.slurm.setup
module load nodejs/20
export OMP_NUM_THREADS=4

[ -z "$signal" ] || exit 130
reason=waits
for need in $needs; do
	[ -e "$folder/slurm/done/$need" ] || { detail=$need; exit 75; }
done
reason=no-node
detail=$("$node" --version 2>&1) || exit 127
reason=no-graft detail=$graft
[ -r "$graft" ] && [ -r "$package" ] || exit 127
reason=version
detail=$(sed -n 's/^[[:space:]]*"version": "\(.*\)",*$/\1/p' "$package" | head -n 1)
[ "$detail" = "$version" ] || exit 1
reason=ended detail=
# A signal ends wait, not the process that is waited for.
await() {
	child=$!
	wait "$child"
	code=$?
	while kill -0 "$child" 2>/dev/null; do
		wait "$child"
		code=$?
	done
	child=
}
"$node" "$graft" sweep collect "$folder" >>"$folder/logs/collect.log" 2>&1 &
await
exit "$code"
