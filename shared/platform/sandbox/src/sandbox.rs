//! The sandbox of a child: what it may still ask the kernel for once it reads a stranger's bytes.
//!
//! Two parts, either of which keeps files and connections away. The filter of system calls is required: without it a child does not
//! work. Landlock depends on how the kernel was built, and holds as much as that kernel knows of it.

use std::{collections::BTreeMap, env, fmt, io, process};

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetError, RulesetStatus, Scope};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// The extent to which Landlock holds a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landlock {
    /// Landlock holds files, connections, signals and abstract sockets.
    Full,
    /// Landlock holds as much as this older kernel knows.
    Partial,
    /// Landlock holds nothing: the kernel has none, and the filter of system calls holds alone.
    Absent,
}

impl fmt::Display for Landlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::Absent => "absent",
        })
    }
}

impl Landlock {
    /// Reads what [`fmt::Display`] writes.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        [Self::Full, Self::Partial, Self::Absent]
            .into_iter()
            .find(|known| known.to_string().as_bytes() == text)
    }
}

/// Enters the sandbox, for good.
///
/// # Errors
/// Fails where the kernel takes no filter of system calls.
pub(crate) fn enter() -> io::Result<Landlock> {
    // First: the filter allows none of the calls that this takes.
    let landlock = landlock().unwrap_or(Landlock::Absent);
    let filter = filter().map_err(io::Error::other)?;
    seccompiler::apply_filter(&filter).map_err(io::Error::other)?;
    Ok(landlock)
}

/// Denies every file, connection, foreign signal and abstract socket: all is handled, and no rule allows any.
fn landlock() -> Result<Landlock, RulesetError> {
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(ABI::V5))?
        .handle_access(AccessNet::from_all(ABI::V4))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?
        .restrict_self()?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Landlock::Full,
        RulesetStatus::PartiallyEnforced => Landlock::Partial,
        RulesetStatus::NotEnforced => Landlock::Absent,
    })
}

/// Allows what arithmetic on bytes needs: the three standard streams, memory that is not executable, waiting, dying. Everything else is
/// answered with "not permitted", so that a library which asks for more goes on without.
fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    // Other descriptors may have been inherited; they are of no use.
    rules.insert(libc::SYS_read, vec![rule(&[is(0, 0)?])?]);
    rules.insert(libc::SYS_write, vec![rule(&[is(0, 1)?])?, rule(&[is(0, 2)?])?]);
    let anonymous = masked(3, libc::MAP_ANONYMOUS as u64, libc::MAP_ANONYMOUS as u64)?;
    let not_executable = masked(2, libc::PROT_EXEC as u64, 0)?;
    rules.insert(libc::SYS_mmap, vec![rule(&[anonymous, not_executable.clone()])?]);
    rules.insert(libc::SYS_mprotect, vec![rule(&[not_executable])?]);
    // How a program aborts.
    rules.insert(libc::SYS_tgkill, vec![rule(&[is(0, u64::from(process::id()))?])?]);
    SeccompFilter::new(
        rules,
        SeccompAction::Errno(libc::EPERM as u32),
        SeccompAction::Allow,
        env::consts::ARCH.try_into()?,
    )?
    .try_into()
}

/// Calls that are allowed whatever their arguments.
const ALLOWED: [i64; 23] = [
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
];

fn rule(conditions: &[SeccompCondition]) -> Result<SeccompRule, seccompiler::BackendError> {
    SeccompRule::new(conditions.to_vec())
}

/// Whether an argument is this number.
fn is(argument: u8, number: u64) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, number)
}

/// Whether these bits of an argument are so.
fn masked(argument: u8, mask: u64, bits: u64) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(mask), bits)
}
