//! The generated bindings of `wit/connector/v1`, one module a world. Private to the crate: an author sees the types
//! beside this module, which stay as they are when a newer generator or a newer world arrives.
//!
//! All worlds share one set of types. Nothing is exported by generating: a component's exports, and the section that
//! names its world, come into being where the author writes [`export!`](crate::export) ,
//! [`export_rules!`](crate::export_rules) or [`export_composer!`](crate::export_composer).
#![allow(missing_docs, unreachable_pub, clippy::all)]

/// The world `connector`.
pub mod connector {
    wit_bindgen::generate!({
        path: "../../wit/connector/v1",
        world: "connector",
        pub_export_macro: true,
        export_macro_name: "export_connector_world",
        default_bindings_module: "portgate_sdk::boundary::bindings::connector",
        runtime_path: "::portgate_sdk::boundary::runtime",
    });
}

/// The world `composer`.
pub mod composer {
    wit_bindgen::generate!({
        path: "../../wit/connector/v1",
        world: "composer",
        pub_export_macro: true,
        export_macro_name: "export_composer_world",
        default_bindings_module: "portgate_sdk::boundary::bindings::composer",
        runtime_path: "::portgate_sdk::boundary::runtime",
        with: {
            "portgate:connector/types@1.0.0": crate::boundary::bindings::connector::portgate::connector::types,
            "portgate:connector/log@1.0.0": crate::boundary::bindings::connector::portgate::connector::log,
            "portgate:connector/reference-data@1.0.0": crate::boundary::bindings::connector::portgate::connector::reference_data,
        },
    });
}

/// The world `rules`.
pub mod rules {
    wit_bindgen::generate!({
        path: "../../wit/connector/v1",
        world: "rules",
        pub_export_macro: true,
        export_macro_name: "export_rules_world",
        default_bindings_module: "portgate_sdk::boundary::bindings::rules",
        runtime_path: "::portgate_sdk::boundary::runtime",
        with: {
            "portgate:connector/types@1.0.0": crate::boundary::bindings::connector::portgate::connector::types,
            "portgate:connector/log@1.0.0": crate::boundary::bindings::connector::portgate::connector::log,
            "portgate:connector/reference-data@1.0.0": crate::boundary::bindings::connector::portgate::connector::reference_data,
            "portgate:connector/names@1.0.0": crate::boundary::bindings::connector::portgate::connector::names,
        },
    });
}
