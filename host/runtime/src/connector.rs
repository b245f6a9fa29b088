//! The functions of a connector.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, ComponentNamedList, InstancePre, Lift, Lower, TypedFunc};

use crate::bindings::{connector, types};
use crate::host::CallState;

/// A connector and its functions. A call takes the one that it needs, and only the first call of each holds its types against
/// the contract: the types are large, and looking through them is a twentieth of what a small call costs.
pub(crate) struct Connector {
    linked: InstancePre<CallState>,
    decode: Function,
    encode: Function,
    interpret: Function,
}

/// A function that a component exports.
struct Function {
    export: ComponentExportIndex,
    /// Whether its types were found to be those of the contract.
    is_checked: AtomicBool,
}

impl Connector {
    /// Of a component that is of the world: its functions have the types that they must have.
    pub(crate) fn new(linked: InstancePre<CallState>) -> wasmtime::Result<Self> {
        drop(connector::ConnectorPre::new(linked.clone())?);
        let function = |name| {
            let found = linked.component().get_export_index(None, name);
            let export = found.ok_or_else(|| wasmtime::Error::msg(format!("it does not export `{name}`")))?;
            Ok::<_, wasmtime::Error>(Function { export, is_checked: AtomicBool::default() })
        };
        let (decode, encode, interpret) = (function("decode")?, function("encode")?, function("interpret")?);
        Ok(Connector { linked, decode, encode, interpret })
    }

    /// One function of an instance that is made for it. Each of the three is asked for with one pair of types, below.
    async fn function<P, R>(
        &self,
        store: &mut Store<CallState>,
        function: &Function,
    ) -> wasmtime::Result<TypedFunc<P, R>>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let instance = self.linked.instantiate_async(&mut *store).await?;
        if function.is_checked.load(Relaxed) {
            let found = instance.get_func(store, function.export);
            let found = found.ok_or_else(|| wasmtime::Error::msg("an export that was there is not"))?;
            // SAFETY: this very export was held against these types before. Types are the component's, and the same in all
            // of its instances, as long as they name no resources, which those of the worlds do not.
            return Ok(unsafe { TypedFunc::new_unchecked(found) });
        }
        let found = instance.get_typed_func(store, function.export)?;
        function.is_checked.store(true, Relaxed);
        Ok(found)
    }

    /// Calls `decode` of an instance that is made for it.
    pub(crate) async fn decode(
        &self,
        store: &mut Store<CallState>,
        message: &types::Message,
    ) -> wasmtime::Result<Result<types::Decoded, types::Rejection>> {
        let decode = self.function(store, &self.decode).await?;
        let (made,) = decode.call_async(store, (message,)).await?;
        Ok(made)
    }

    /// Calls `encode`, likewise.
    pub(crate) async fn encode(
        &self,
        store: &mut Store<CallState>,
        documents: &[types::Document],
        target: &types::Target,
    ) -> wasmtime::Result<Result<types::Request, types::Rejection>> {
        let encode = self.function(store, &self.encode).await?;
        let (made,) = encode.call_async(store, (documents, target)).await?;
        Ok(made)
    }

    /// Calls `interpret`, likewise.
    pub(crate) async fn interpret(
        &self,
        store: &mut Store<CallState>,
        sent: &types::Request,
        got: &types::Response,
    ) -> wasmtime::Result<Result<types::Outcome, types::Rejection>> {
        let interpret = self.function(store, &self.interpret).await?;
        let (made,) = interpret.call_async(store, (sent, got)).await?;
        Ok(made)
    }
}
