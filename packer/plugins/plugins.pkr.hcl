# For `packer init` of Packer 1.11 and later only: 1.6.6 does not know this block.
packer {
  required_plugins {
    qemu = {
      version = ">= 1.1.0"
      source  = "github.com/hashicorp/qemu"
    }
  }
}
