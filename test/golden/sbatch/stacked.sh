#!/bin/bash
#SBATCH --exclude=node[3-4]
#SBATCH --reservation=night
#SBATCH --mail-type=END
#SBATCH --signal=B:USR1@60
#SBATCH --partition=gpu
#SBATCH --account=vision
#SBATCH --qos=normal
#SBATCH --gres=gpu:a100:1
#SBATCH --time=01:00:00
#SBATCH --constraint=a100|h100
#SBATCH --mem=16G
#SBATCH --cpus-per-task=4
#SBATCH --job-name=graft-grid-s1a2b3c-stacked-1
#SBATCH --array=0-0%8
#SBATCH --output=/shared/runs/grid-s1a2b3c/slurm/logs/%A_%a.log
#SBATCH --open-mode=append
#SBATCH --chdir=/shared/runs/grid-s1a2b3c
#SBATCH --no-requeue
#SBATCH --kill-on-invalid-dep=yes

folder='/shared/runs/grid-s1a2b3c'
node='/opt/node/bin/node'
graft='/shared/graft/src/graft.cjs'
package='/shared/graft/package.json'
version='0.1.0'
export GRAFT_RUNS='/shared/runs'
export GRAFT_CACHE='/shared/cache/graft'
case $SLURM_ARRAY_TASK_ID in
0) task=stacked-123456789abc needs='extraction-0123456789ab' ;;
esac
job="$SLURM_ARRAY_JOB_ID"_"$SLURM_ARRAY_TASK_ID"

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
# A node that Slurm has lost may still work on this task: its copy holds the lease, and this one waits.
while :; do
	"$node" "$graft" task "$folder" "$task" >>"$folder/logs/$task.log" 2>&1 &
	await
	[ "$code" = 75 ] && [ -z "$signal" ] || break
	sleep 5 &
	await
	code=75
	[ -z "$signal" ] || break
done
case $code,$task in 0,extraction-*) : >"$folder/slurm/done/$task" ;; esac
exit "$code"
