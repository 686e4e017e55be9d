# Programs with windows, and the libraries under them.
{ pkgs, licenses }:
with licenses;
{
  mesa = {
    description = "Library for 3D graphics";
    homepage = "https://www.mesa3d.org/";
    license = mit;
    programs = [ ];
    uses = [ pkgs.zlib ];
    size = 400;
  };

  gtk3 = {
    description = "Toolkit for graphical programs";
    homepage = "https://www.gtk.org/";
    license = lgpl21Plus;
    mainProgram = "gtk-launch";
    uses = [ pkgs.mesa pkgs.dbus ];
    size = 150;
  };

  qt6 = {
    description = "Framework for graphical programs in C++";
    homepage = "https://www.qt.io/";
    license = lgpl3;
    programs = [ ];
    uses = [ pkgs.mesa pkgs.dbus pkgs.openssl ];
    size = 450;
  };

  ffmpeg = {
    description = "Records and converts audio and video";
    homepage = "https://www.ffmpeg.org/";
    license = gpl3Plus;
    programs = [ "ffmpeg" "ffprobe" ];
    uses = [ pkgs.openssl pkgs.zlib ];
    size = 120;
  };

  firefox = {
    description = "Mozilla's web browser";
    homepage = "https://www.mozilla.org/firefox/";
    license = mpl20;
    uses = [ pkgs.gtk3 pkgs.ffmpeg pkgs.sqlite ];
    size = 900;
  };

  chromium = {
    description = "Web browser that Chrome is built from";
    homepage = "https://www.chromium.org/chromium-projects/";
    license = bsd3;
    uses = [ pkgs.gtk3 pkgs.ffmpeg ];
    size = 950;
  };

  thunderbird = {
    description = "Program for e-mail, calendars and contacts";
    homepage = "https://thunderbird.net/";
    license = mpl20;
    uses = [ pkgs.gtk3 pkgs.sqlite ];
    size = 800;
  };

  libreoffice = {
    description = "Office suite: texts, spreadsheets, presentations";
    homepage = "https://libreoffice.org/";
    license = lgpl3;
    programs = [ "libreoffice" "soffice" ];
    uses = [ pkgs.gtk3 pkgs.python3 pkgs.postgresql ];
    size = 990;
  };

  gimp = {
    description = "Editor for photos and other images";
    homepage = "https://www.gimp.org/";
    license = gpl3Plus;
    uses = [ pkgs.gtk3 pkgs.python3 ];
    size = 300;
  };

  inkscape = {
    description = "Editor for vector graphics";
    homepage = "https://www.inkscape.org";
    license = gpl3Plus;
    uses = [ pkgs.gtk3 pkgs.python3 ];
    size = 280;
  };

  krita = {
    description = "Painting program for artists";
    homepage = "https://krita.org/";
    license = gpl3Plus;
    uses = [ pkgs.qt6 ];
    size = 340;
  };

  tuxpaint = {
    description = "Drawing program for children";
    homepage = "https://www.tuxpaint.org/";
    license = gpl2Plus;
    uses = [ pkgs.mesa ];
    size = 60;
  };

  kdenlive = {
    description = "Video editor with several tracks";
    homepage = "https://kdenlive.org/";
    license = gpl3Plus;
    uses = [ pkgs.qt6 pkgs.ffmpeg ];
    size = 160;
  };

  blender = {
    description = "Modelling, animation and rendering in 3D";
    homepage = "https://www.blender.org";
    license = gpl3Plus;
    uses = [ pkgs.mesa pkgs.ffmpeg pkgs.python3 ];
    size = 700;
  };

  audacity = {
    description = "Recorder and editor for sound";
    homepage = "https://www.audacityteam.org";
    license = gpl3Plus;
    uses = [ pkgs.gtk3 pkgs.ffmpeg ];
    size = 90;
  };

  obs-studio = {
    description = "Records the screen and streams it live";
    homepage = "https://obsproject.com";
    license = gpl2Plus;
    mainProgram = "obs";
    uses = [ pkgs.qt6 pkgs.ffmpeg ];
    size = 110;
  };

  vlc = {
    description = "Player for nearly every kind of media";
    homepage = "https://www.videolan.org/vlc/";
    license = lgpl21Plus;
    uses = [ pkgs.qt6 pkgs.ffmpeg ];
    size = 130;
  };

  mpv = {
    description = "Video player without clutter";
    homepage = "https://mpv.io";
    license = gpl2Plus;
    uses = [ pkgs.ffmpeg pkgs.mesa ];
    size = 30;
  };

  steam = {
    description = "Shop and launcher for games";
    homepage = "https://store.steampowered.com/";
    license = unfree;
    uses = [ pkgs.mesa ];
    size = 250;
  };
}
