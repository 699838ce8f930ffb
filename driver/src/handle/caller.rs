//! Which library called the driver: a process can hold several driver managers, and only one of them is calling.

#![cfg_attr(
    any(all(target_os = "linux", target_env = "gnu"), target_vendor = "apple"),
    expect(unsafe_code, reason = "asks the C library for return addresses and for what lies there")
)]

use std::path::PathBuf;

/// Return addresses that are looked at; ours are the first few.
#[cfg(any(all(target_os = "linux", target_env = "gnu"), target_vendor = "apple"))]
const FRAMES: usize = 64;

/// The file of the library that called into this one; `None` where the system does not tell.
#[cfg(any(all(target_os = "linux", target_env = "gnu"), target_vendor = "apple"))]
pub(crate) fn caller() -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;

    let mut frames = [std::ptr::null_mut(); FRAMES];
    let most = libc::c_int::try_from(FRAMES).ok()?;
    // SAFETY: there is room for so many addresses.
    let count = unsafe { libc::backtrace(frames.as_mut_ptr(), most) };
    let own = object((caller as fn() -> Option<PathBuf>) as *const libc::c_void)?;
    let frames = frames.iter().take(usize::try_from(count).ok()?);
    let (_, name) = frames.filter_map(|frame| object(*frame)).find(|(base, _)| *base != own.0)?;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(&name)))
}

/// Where the loaded file begins that holds this address, and its name.
#[cfg(any(all(target_os = "linux", target_env = "gnu"), target_vendor = "apple"))]
fn object(address: *const libc::c_void) -> Option<(usize, Vec<u8>)> {
    let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: the address is only looked up, and there is room for the answer.
    let found = unsafe { libc::dladdr(address, info.as_mut_ptr()) };
    // SAFETY: all zeroes are a valid answer, and that is what it was before.
    let info = unsafe { info.assume_init() };
    if found == 0 || info.dli_fname.is_null() {
        return None;
    }
    // SAFETY: the name ends with a zero, and stays as long as the file is loaded, which it is: it is calling.
    let name = unsafe { std::ffi::CStr::from_ptr(info.dli_fname) };
    Some((info.dli_fbase.addr(), name.to_bytes().to_owned()))
}

/// The file of the library that called into this one; `None` where the system does not tell.
#[cfg(not(any(all(target_os = "linux", target_env = "gnu"), target_vendor = "apple")))]
pub(crate) const fn caller() -> Option<PathBuf> {
    None
}
