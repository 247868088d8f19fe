#!/usr/bin/env bash
# slurm-up.sh [DIR] - start a real one-machine Slurm cluster for tests.
# No systemd, no network past loopback, nothing written under /etc or /var.
# DIR (default $SLURM_TEST_DIR or /tmp/slurm-test) holds config, state, spool, logs, pids.
# Idempotent: a cluster that answers is left as it is; dead daemons alone are started.
#   . DIR/env.sh         then sbatch/squeue/scontrol/scancel/srun talk to it
#   slurm-down.sh DIR    stops it
# Knobs (environment): SLURM_NODES=2 SLURM_CPUS=4 SLURM_GPUS=2 SLURM_PORT=26800
#   SLURM_SLURMD_TIMEOUT=10 SLURM_MIN_JOB_AGE=300 SLURM_CRED_EXPIRE=5
#   SLURM_NO_INSTALL=1  never call apt-get;  SLURM_INSTALL_ONLY=1  install what is missing and end
set -euo pipefail

DIR=${1:-${SLURM_TEST_DIR:-/tmp/slurm-test}}
NODES=${SLURM_NODES:-2} CPUS=${SLURM_CPUS:-4} GPUS=${SLURM_GPUS:-2} PORT=${SLURM_PORT:-26800}
STO=${SLURM_SLURMD_TIMEOUT:-10} MJA=${SLURM_MIN_JOB_AGE:-300} CRED=${SLURM_CRED_EXPIRE:-5}
export PATH=$PATH:/usr/sbin:/sbin
umask 022                                   # munged refuses group-writable folders
t0=$(date +%s%N); ms() { echo $(( ($(date +%s%N) - t0) / 1000000 )); }
say() { echo "slurm-up: [$(ms) ms] $*"; }
die() { echo "slurm-up: $*" >&2
        for f in "$DIR"/log/*.log; do [ -f "$f" ] && { echo "--- $f" >&2; tail -n 15 "$f" >&2; }; done; exit 1; }

# ---- 1. packages (8 with their dependencies, 3.5 MB down, 13 MB on disk) ----
need=(); for c in munged:munge slurmctld:slurmctld slurmd:slurmd sbatch:slurm-client; do
  command -v "${c%%:*}" >/dev/null || need+=("${c##*:}"); done
if [ ${#need[@]} -gt 0 ]; then
  [ -z "${SLURM_NO_INSTALL:-}" ] || { echo "slurm-up: missing: ${need[*]}" >&2; exit 2; }
  say "installing ${need[*]}"
  mkdir -p "$DIR/log"
  # The packages' own postinst must not start their services where an init runs.
  rc=; [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; rc=1; }
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${need[@]}"; } > "$DIR/log/apt.log" 2>&1 \
      || { [ -z "$rc" ] || rm -f /usr/sbin/policy-rc.d; tail -20 "$DIR/log/apt.log" >&2; exit 2; }
  [ -z "$rc" ] || rm -f /usr/sbin/policy-rc.d
  say "installed"
fi

[ -z "${SLURM_INSTALL_ONLY:-}" ] || exit 0

# ---- 2. folders, key, config ----
DIR=$(mkdir -p "$DIR" && cd "$DIR" && pwd -P)
mkdir -p "$DIR"/{etc,log,run,state,dev}
chmod 755 "$DIR" "$DIR/etc" "$DIR/log" "$DIR/run"; chmod 700 "$DIR/state"
# one start at a time in DIR; daemons get 9>&- so that none keeps the lock
exec 9>"$DIR/run/lock"; flock -w 60 9 || die "another slurm-up.sh holds $DIR/run/lock"
# alive PIDFILE NAME: the file's process runs and is that program (a zombie has no cmdline)
alive() { local p c; p=$(cat "$1" 2>/dev/null) && [ -n "$p" ] && c=$( { tr '\0' ' ' < "/proc/$p/cmdline"; } 2>/dev/null) && [[ $c == *"$2"* ]]; }
ME=$(id -un) HOST=$(hostname -s 2>/dev/null || uname -n)
[ ${#DIR} -le 80 ] || die "DIR is too long for a unix socket path: $DIR"
if [ ! -s "$DIR/etc/munge.key" ]; then (umask 077; head -c 128 /dev/urandom > "$DIR/etc/munge.key"); fi
for ((g = 0; g < GPUS; g++)); do ln -sfn /dev/null "$DIR/dev/nvidia$g"; done   # links to a character device: no mknod

# a running cluster keeps the config it runs with
if ! alive "$DIR/run/slurmctld.pid" slurmctld || [ ! -s "$DIR/etc/slurm.conf" ]; then
{ cat <<CONF
ClusterName=test
SlurmctldHost=$HOST(127.0.0.1)
SlurmctldPort=$PORT
SlurmUser=$ME
SlurmdUser=$ME
MailProg=/bin/true
AuthType=auth/munge
CredType=cred/munge
# cred_expire: a requeued job may start only that long after its end (default 120 s)
AuthInfo=socket=$DIR/run/munge.sock,cred_expire=$CRED
# all listeners on 127.0.0.1 only
CommunicationParameters=EnableIPv6,NoCtldInAddrAny,NoInAddrAny
StateSaveLocation=$DIR/state
SlurmdSpoolDir=$DIR/spool.%n
SlurmctldPidFile=$DIR/run/slurmctld.pid
SlurmdPidFile=$DIR/run/%n.pid
SlurmctldLogFile=$DIR/log/slurmctld.log
SlurmdLogFile=$DIR/log/%n.log
SlurmctldDebug=info
SlurmdDebug=info
# no cgroups, no CPU binding: works in any container
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
# no slurmdbd: history is the text file
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$DIR/log/jobcomp.log
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
GresTypes=gpu
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=20000,bf_interval=1,preempt_youngest_first
PriorityType=priority/basic
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
JobRequeue=1
MaxArraySize=10001
MaxJobCount=20000
MinJobAge=$MJA
# detection of a dead node
SlurmdTimeout=$STO
SlurmctldTimeout=10
MessageTimeout=5
TCPTimeout=2
ReturnToService=2
KillWait=5
CompleteWait=0
InactiveLimit=0
BatchStartTimeout=10
UnkillableStepTimeout=30
CONF
  names=
  for ((i = 0; i < NODES; i++)); do names+=${names:+,}node$i
    echo "NodeName=node$i NodeHostname=$HOST NodeAddr=127.0.0.1 Port=$((PORT + 1 + i)) CPUs=$CPUS RealMemory=1000 Gres=gpu:$GPUS State=UNKNOWN"
  done
  # one pool of nodes; low is preempted (requeued) by gpu and cpu, 5 s after SIGTERM
  echo "PartitionName=gpu Nodes=$names Default=YES MaxTime=INFINITE DefaultTime=60 State=UP PriorityTier=10 PreemptMode=off"
  echo "PartitionName=cpu Nodes=$names MaxTime=INFINITE DefaultTime=60 State=UP PriorityTier=10 PreemptMode=off"
  echo "PartitionName=low Nodes=$names MaxTime=INFINITE DefaultTime=60 State=UP PriorityTier=1 PreemptMode=REQUEUE GraceTime=5"
} > "$DIR/etc/slurm.conf"
# Gres must be given per node: all slurmds of one machine read this one file.
if [ "$GPUS" -gt 0 ]; then for ((i = 0; i < NODES; i++)); do
  echo "NodeName=node$i Name=gpu File=$DIR/dev/nvidia[0-$((GPUS - 1))]"; done; fi > "$DIR/etc/gres.conf"
fi
NODES=$(grep -c '^NodeName=' "$DIR/etc/slurm.conf")
cat > "$DIR/env.sh" <<ENV
export SLURM_CONF=$DIR/etc/slurm.conf SLURM_TEST_DIR=$DIR
ENV
export SLURM_CONF=$DIR/etc/slurm.conf

# ---- 3. daemons ----
# Every daemon gets the std streams of /dev/null, or a caller's pipe would stay open.
alive "$DIR/run/munged.pid" munged || { rm -f "$DIR/run/munge.sock"*
  munged --force --socket="$DIR/run/munge.sock" --key-file="$DIR/etc/munge.key" \
    --pid-file="$DIR/run/munged.pid" --log-file="$DIR/log/munged.log" --seed-file="$DIR/run/munged.seed" \
    --num-threads=2 </dev/null >>"$DIR/log/start.log" 2>&1 9>&- || die "munged did not start"; }
alive "$DIR/run/slurmctld.pid" slurmctld || { rm -f "$DIR/run/slurmctld.pid"
  slurmctld -f "$SLURM_CONF" </dev/null >>"$DIR/log/start.log" 2>&1 9>&- || die "slurmctld did not start"; }
for ((i = 0; i < NODES; i++)); do mkdir -p "$DIR/spool.node$i"
  alive "$DIR/run/node$i.pid" slurmd || { rm -f "$DIR/run/node$i.pid"
    slurmd -N "node$i" -f "$SLURM_CONF" </dev/null >>"$DIR/log/start.log" 2>&1 9>&- || die "slurmd node$i did not start"; }
done

# ---- 4. wait until each node is usable ----
for ((k = 0; k < 250; k++)); do
  ok=$(sinfo -h -N -p gpu -o '%N %T' 2>/dev/null | awk '$2 ~ /^(idle|mixed|allocated|completing)$/' | wc -l)
  [ "$ok" -ge "$NODES" ] && { say "up: $NODES nodes; . $DIR/env.sh"; exit 0; }
  # a node that an earlier run left down comes back at once
  [ $((k % 25)) = 24 ] && sinfo -h -N -p gpu -o '%N %T' 2>/dev/null | awk '$2 ~ /^(down|drain)/ {print $1}' | \
    while read -r n; do scontrol update NodeName="$n" State=RESUME 2>/dev/null || true; done
  sleep 0.1
done
die "nodes not up after 25 s: $(sinfo -N -p gpu -o '%N %T %E' 2>&1)"
