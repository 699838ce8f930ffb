//! Link flags of the library that driver managers load.

#![expect(clippy::disallowed_methods, reason = "this is how a build script speaks and is spoken to")]

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // libodbc exports the same names: calls among our own functions must stay among them.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-Bsymbolic");
        // Managers unload drivers at the last disconnect; the runtime's threads must not wake in unmapped code.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
