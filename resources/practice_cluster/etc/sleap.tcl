#%Module5.0
proc ModulesHelp { } {
    puts stderr "SLEAP $version (practice cluster)"
}
module-whatis "SLEAP $version, multi-animal pose tracking"
conflict SLEAP
prereq cuda/11.8
prepend-path PATH $bin
setenv SLEAP_VERSION $version
