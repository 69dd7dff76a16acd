#%Module5.0
proc ModulesHelp { } {
    puts stderr "SLEAP $version (practice cluster)"
}
module-whatis "SLEAP $version, multi-animal pose tracking"
conflict SLEAP
prereq cuda/11.8
prepend-path PATH $bin
setenv SLEAP_VERSION $version
# Nodes claim more CPUs than the machine has: waiting threads must not spin.
setenv OMP_WAIT_POLICY PASSIVE
