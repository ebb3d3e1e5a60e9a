-- AlterTable
ALTER TABLE "interaction_types" ADD COLUMN "excludes_seen" BOOLEAN NOT NULL DEFAULT true;

-- CreateTable
CREATE TABLE "model_answers" (
    "model_id" UUID NOT NULL,
    "answers" BIGINT NOT NULL,

    CONSTRAINT "model_answers_pkey" PRIMARY KEY ("model_id")
);

-- CreateTable
CREATE TABLE "model_attributions" (
    "model_id" UUID NOT NULL,
    "type_key" SMALLINT NOT NULL,
    "interactions" BIGINT NOT NULL,

    CONSTRAINT "model_attributions_pkey" PRIMARY KEY ("model_id","type_key")
);

-- AddForeignKey
ALTER TABLE "model_answers" ADD CONSTRAINT "model_answers_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_attributions" ADD CONSTRAINT "model_attributions_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE CASCADE ON UPDATE CASCADE;
