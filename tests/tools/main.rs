//! What the program does for people on their own machine: the demo, and the tools of plugin authors.

mod demo;
mod plugin_build;
