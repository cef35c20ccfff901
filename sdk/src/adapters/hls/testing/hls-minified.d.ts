declare module "hls.js/dist/hls.min.js" {
  import Hls from "hls.js";
  export default Hls;
}
