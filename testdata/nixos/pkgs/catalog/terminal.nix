# Programs for the terminal.
{ pkgs, licenses }:
with licenses;
{
  hello = {
    description = "Program that prints a friendly greeting";
    homepage = "https://www.gnu.org/software/hello/manual/";
    license = gpl3Plus;
    uses = [ pkgs.glibc ];
  };

  cowsay = {
    description = "A cow that says whatever it is told";
    homepage = "https://cowsay.diamonds";
    license = gpl3Plus;
    programs = [ "cowsay" "cowthink" ];
    uses = [ pkgs.perl ];
  };

  vim = {
    description = "Text editor, an improved vi";
    homepage = "http://www.vim.org";
    license = licenses.vim;
    programs = [ "vim" "vimdiff" "xxd" ];
    uses = [ pkgs.ncurses pkgs.bash ];
    size = 160;
  };

  neovim = {
    description = "Text editor derived from Vim, made to be extended";
    homepage = "https://neovim.io/";
    license = asl20;
    mainProgram = "nvim";
    uses = [ pkgs.ncurses ];
    size = 140;
  };

  nano = {
    description = "Small text editor that is easy to begin with";
    homepage = "https://www.nano-editor.org/";
    license = gpl3Plus;
    uses = [ pkgs.ncurses ];
    size = 20;
  };

  emacs = {
    description = "Text editor that can be programmed";
    homepage = "https://www.gnu.org/software/emacs/";
    license = gpl3Plus;
    programs = [ "emacs" "emacsclient" ];
    uses = [ pkgs.gtk3 pkgs.ncurses ];
    size = 420;
  };

  tmux = {
    description = "Several terminals in one, which live on after logout";
    homepage = "https://tmux.github.io/";
    license = bsd3;
    uses = [ pkgs.ncurses ];
  };

  zsh = {
    description = "Shell with strong completion";
    homepage = "https://www.zsh.org/";
    license = mit;
    uses = [ pkgs.ncurses ];
    size = 80;
  };

  fish = {
    description = "Friendly shell with suggestions";
    homepage = "https://fishshell.com/";
    license = gpl2;
    uses = [ pkgs.ncurses ];
    size = 70;
  };

  htop = {
    description = "Viewer for running processes";
    homepage = "https://htop.dev";
    license = gpl2;
    uses = [ pkgs.ncurses ];
  };

  btop = {
    description = "Colourful monitor for processor, memory, disks and network";
    homepage = "https://github.com/aristocratos/btop";
    license = asl20;
    uses = [ pkgs.glibc ];
  };

  curl = {
    description = "Tool that transfers data to and from URLs";
    homepage = "https://curl.se/";
    license = licenses.curl;
    uses = [ pkgs.openssl pkgs.zlib ];
    size = 30;
  };

  wget = {
    description = "Downloader of files and whole web sites";
    homepage = "https://www.gnu.org/software/wget/";
    license = gpl3Plus;
    uses = [ pkgs.openssl pkgs.zlib ];
    size = 24;
  };

  rsync = {
    description = "Copies files fast by sending only what changed";
    homepage = "https://rsync.samba.org/";
    license = gpl3Plus;
    uses = [ pkgs.openssl pkgs.zlib ];
  };

  tree = {
    description = "Prints directories as a tree";
    homepage = "https://oldmanprogrammer.net/source.php?dir=projects/tree";
    license = gpl2Plus;
    uses = [ pkgs.glibc ];
  };

  file = {
    description = "Tells what kind of file something is";
    homepage = "https://darwinsys.com/file";
    license = bsd3;
    uses = [ pkgs.zlib ];
  };

  unzip = {
    description = "Unpacks zip archives";
    homepage = "http://www.info-zip.org";
    license = bsd3;
    uses = [ pkgs.glibc ];
  };

  jq = {
    description = "Processor for JSON on the command line";
    homepage = "https://jqlang.github.io/jq/";
    license = mit;
    uses = [ pkgs.glibc ];
  };

  ripgrep = {
    description = "Very fast search through the text of files";
    homepage = "https://github.com/BurntSushi/ripgrep";
    license = mit;
    mainProgram = "rg";
    uses = [ pkgs.glibc ];
  };

  fd = {
    description = "Simple and fast search for files";
    homepage = "https://github.com/sharkdp/fd";
    license = mit;
    uses = [ pkgs.glibc ];
  };

  # Given up by its author: in 25.05 only. fastfetch is what people moved to.
  neofetch = {
    description = "Shows information about the system beside a logo";
    homepage = "https://github.com/dylanaraps/neofetch";
    license = mit;
    uses = [ pkgs.bash ];
  };

  fastfetch = {
    description = "Shows information about the system, quickly";
    homepage = "https://github.com/fastfetch-cli/fastfetch";
    license = mit;
    uses = [ pkgs.glibc ];
  };
}
