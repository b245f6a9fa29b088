//! The functions of a connector.

use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, ComponentNamedList, InstancePre, Lift, Lower, TypedFunc};

use crate::bindings::{connector, types};
use crate::host::CallState;

/// A connector, and where its functions are. A call takes the one that it needs: the types of all three are large, and holding
/// them against the contract is a good part of what a small call costs.
#[derive(Clone)]
pub(crate) struct Connector {
    linked: InstancePre<CallState>,
    decode: ComponentExportIndex,
    encode: ComponentExportIndex,
    interpret: ComponentExportIndex,
}

impl Connector {
    /// Of a component that is of the world: its functions have the types that they must have.
    pub(crate) fn new(linked: InstancePre<CallState>) -> wasmtime::Result<Self> {
        drop(connector::ConnectorPre::new(linked.clone())?);
        let export = |name| {
            let found = linked.component().get_export_index(None, name);
            found.ok_or_else(|| wasmtime::Error::msg(format!("it does not export `{name}`")))
        };
        let (decode, encode, interpret) = (export("decode")?, export("encode")?, export("interpret")?);
        Ok(Connector { linked, decode, encode, interpret })
    }

    /// One function of an instance that is made for it.
    async fn function<P, R>(
        &self,
        store: &mut Store<CallState>,
        export: ComponentExportIndex,
    ) -> wasmtime::Result<TypedFunc<P, R>>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let instance = self.linked.instantiate_async(&mut *store).await?;
        instance.get_typed_func(store, export)
    }

    /// Calls `decode` of an instance that is made for it.
    pub(crate) async fn decode(
        &self,
        store: &mut Store<CallState>,
        message: &types::Message,
    ) -> wasmtime::Result<Result<types::Decoded, types::Rejection>> {
        let decode = self.function(store, self.decode).await?;
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
        let encode = self.function(store, self.encode).await?;
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
        let interpret = self.function(store, self.interpret).await?;
        let (made,) = interpret.call_async(store, (sent, got)).await?;
        Ok(made)
    }
}
