/**
 * The parts of a script that are the same in every one, in bash. No `${…}` in them: JavaScript would read it.
 */

/** `graft task` while another live process has the task's lease: EX_TEMPFAIL of sysexits.h. */
export const BUSY = 75;

/** Records and signals. `folder`, `task` and `job` (`12_3`) are set before. */
export const RECORDS = String.raw`restart=$SLURM_RESTART_COUNT
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
record start "{$about,\"gpus\":\"$CUDA_VISIBLE_DEVICES\",\"time\":\"$(now)\"}" || exit 1`;

/** What must be there before the work. */
export const CHECKS = String.raw`[ -z "$signal" ] || exit 130
reason=waits
for need in $needs; do
	[ -e "$folder/slurm/done/$need" ] || { detail=$need; exit ${BUSY}; }
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
}`;

/** An array's work. */
export const WORK = `# A node that Slurm has lost may still work on this task: its copy holds the lease, and this one waits.
while :; do
	"$node" "$graft" task "$folder" "$task" >>"$folder/logs/$task.log" 2>&1 &
	await
	[ "$code" = ${BUSY} ] && [ -z "$signal" ] || break
	sleep 5 &
	await
	code=${BUSY}
	[ -z "$signal" ] || break
done
case $code,$task in 0,extraction-*) : >"$folder/slurm/done/$task" ;; esac`;

/** After it, where sweep.on_failure may end the sweep. */
export const LOOK = `[ "$code" != 1 ] || "$node" "$graft" sweep collect "$folder" >>"$folder/logs/collect.log" 2>&1`;

/** The work of the job that follows the arrays. */
export const COLLECT = `"$node" "$graft" sweep collect "$folder" >>"$folder/logs/collect.log" 2>&1 &
await
exit "$code"`;
