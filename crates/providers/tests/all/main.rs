//! Providers over the network, against one that misbehaves when told to.

mod support;

mod exchange;
