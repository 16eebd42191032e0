variable "base_disk" {
  type        = string
  description = "The bootable base that tools/image made."
}

variable "ssh_key" {
  type        = string
  description = "The key that the base lets in; provisioning removes it."
}

variable "payload" {
  type        = string
  description = "nsm.tar.zst: the same folder that linux.zip ships."
}

variable "provision_scripts" {
  type        = list(string)
  description = "image/provision/*.sh in order."
}

variable "output_dir" {
  type = string
}

variable "accelerator" {
  type    = string
  default = "tcg"
}
