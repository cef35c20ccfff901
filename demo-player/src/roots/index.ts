export { annotate, isMediaPlaylist, PlaylistError, type SegmentReference } from "./annotate.ts";
export { annotateFolder, type AnnotatedPlaylist, FolderError, writePlaylist } from "./folder.ts";
export { ROOT_TAG, rootOf } from "./root-of.ts";
export { watchFolder } from "./watch.ts";
