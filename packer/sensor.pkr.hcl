# Boots the base and does only what needs a running system. Works with Packer 1.6.6 (the qemu builder is inside) and
# with 1.11 or later (after `packer init packer/plugins`).
source "qemu" "sensor" {
  disk_image         = true
  iso_url            = var.base_disk
  iso_checksum       = "none"
  skip_resize_disk   = true
  skip_compaction    = true
  format             = "qcow2"
  disk_interface     = "virtio-scsi"
  disk_discard       = "unmap"
  disk_detect_zeroes = "unmap"
  disk_cache         = "unsafe"
  output_directory   = var.output_dir
  vm_name            = "sensor.qcow2"

  accelerator  = var.accelerator
  machine_type = "pc"
  cpus         = 2
  memory       = 2048
  net_device   = "virtio-net"
  headless     = true
  qemuargs     = [["-cpu", "max"], ["-serial", "file:${var.output_dir}-serial.log"]]

  boot_wait            = "1s"
  communicator         = "ssh"
  ssh_username         = "root"
  ssh_private_key_file = var.ssh_key
  ssh_timeout          = "6m"
  shutdown_command     = "systemctl poweroff"
  shutdown_timeout     = "3m"
}

build {
  sources = ["source.qemu.sensor"]

  provisioner "file" {
    source      = var.payload
    destination = "/root/nsm.tar.zst"
  }

  provisioner "shell" {
    scripts = var.provision_scripts
  }
}
