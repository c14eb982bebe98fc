//! The registers, as far as settings refer to them.

/// What settings know of a register.
#[derive(Debug)]
pub(super) struct Register {
    pub(super) name: &'static str,
    pub(super) automation: &'static str,
    pub(super) automation_title: &'static str,
}

/// All registers.
pub(super) static REGISTERS: &[Register] = &[
    Register {
        name: "customers",
        automation: "customers-from-erp",
        automation_title: "Customers from ERP-system",
    },
    Register {
        name: "products",
        automation: "products-from-erp",
        automation_title: "Products from ERP-system",
    },
];

/// The register called `name`.
pub(super) fn register(name: &str) -> Option<&'static Register> {
    REGISTERS.iter().find(|register| register.name == name)
}
